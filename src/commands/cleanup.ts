import type { Command } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Dependent, Resource, ResourceKind } from '../lab/ports/resources.ts'
import { RESOURCE_WORDS } from '../lab/resource-words.ts'
import { waitFor } from '../lab/wait.ts'
import { type CleanupKit, type CleanupPlan, makePlan } from './cleanup-plan.ts'
import { type Left, named, ofDryRun, ofNo, type Receipt, receiptJson, untouchable } from './receipt.ts'
import { refuseOtherAccount } from './same-account.ts'

export interface CleanupOptions {
  readonly dryRun: boolean
  /** Whether anybody bills for what is deleted: then the yes is the lab's name. */
  readonly bills: boolean
  /** Shows what would be deleted, before it is asked whether to do it. */
  readonly show: (plans: readonly CleanupPlan[]) => void
}

/** Shows what there is of the lab, asks, deletes exactly that and looks again. */
export async function cleanup({ dryRun, bills, show }: CleanupOptions, kit: CleanupKit): Promise<Receipt> {
  if (kit.record.value.account !== undefined) refuseOtherAccount(await kit.cloud.whoAmI(), kit)
  const plan = await makePlan(kit)
  if (dryRun) return ofDryRun(plan)
  if (plan.items.length > 0) {
    show([plan])
    if (!(await agreed(plan, bills, kit))) return ofNo(plan)
  }
  return carryOut(plan, kit)
}

function agreed({ lab }: CleanupPlan, bills: boolean, { ask }: CleanupKit): Promise<boolean> {
  const flag = '--yes'
  return bills
    ? ask.typeBack(`Delete all of it? Type the lab’s name, ${lab}:`, { word: lab, flag })
    : ask.confirm('Delete all of it?', { fallback: false, flag })
}

/** The kinds that go at once, and those that go only then: the order in which AWS lets go. */
const WAVES: readonly (readonly ResourceKind[])[] = [
  ['database', 'server', 'snapshot', 'automated-backup'],
  ['subnet-group', 'key-pair', 'volume', 'network-interface', 'security-group', 'address'],
]
// RDS takes up to 8 minutes to delete; its network interface, which holds the groups, a little longer.
const WAVE_MS: readonly number[] = [1_200_000, 600_000]

/** Deletes what the plan names and nothing else, waits until it is gone and looks again. */
export async function carryOut(plan: CleanupPlan, kit: CleanupKit): Promise<Receipt> {
  const ours = plan.items.filter(({ isUntagged }) => !isUntagged)
  for (const { kind, id } of ours) kit.tell({ kind: 'exists', what: RESOURCE_WORDS[kind], id })
  const stays = plan.items.filter(({ isUntagged }) => isUntagged)
  const work: Work = { kit, ours, stays, fates: new Map(), seenGone: new Set() }
  try {
    for (const [index, kinds] of WAVES.entries()) {
      const wave = ours.filter(({ kind }) => kinds.includes(kind))
      if (wave.length > 0) await removeAll(wave, WAVE_MS[index] ?? 0, work)
    }
    return await conclude(plan, work)
  } catch (error) {
    noteUnfinished(plan, work)
    throw error
  }
}

/** Keeps a receipt: AWS carries out the deletions that were asked for, though nobody looks at them any more. */
function noteUnfinished({ unseen }: CleanupPlan, { kit, ours, fates }: Work): void {
  const isAsked = (each: Resource) => fates.get(keyOf(each))?.now === 'asked'
  const asked = ours.filter(isAsked).map(named)
  if (asked.length === 0) return
  const left = ours.filter((each) => !isAsked(each)).map((each) => ({ ...named(each), why: NOT_REACHED }))
  const at = new Date(kit.clock.now()).toISOString()
  const file = kit.record.keepReceipt({ at, deleted: [], left, asked, unseen })
  const ids = asked.map(({ id }) => id).join(', ')
  kit.tell({ kind: 'note', text: `Asked for, and not seen gone: the end of ${ids}. The receipt: ${file}` })
}

interface Work {
  readonly kit: CleanupKit
  readonly ours: readonly Resource[]
  /** Resources without the lab's tags: they are told of and not touched. */
  readonly stays: readonly Resource[]
  readonly fates: Map<string, Fate>
  /** Resources that AWS did not show any more when asked for them by their ids. */
  readonly seenGone: Set<Resource>
}

interface Fate {
  /** `waits`: it is asked for again. */
  readonly now: 'asked' | 'waits' | 'refused'
  readonly why: string
  readonly run?: readonly Command[]
}

/** Only what outlives it is asked for. */
const GO_WITH_THEIR_SERVER: readonly ResourceKind[] = ['volume', 'network-interface']

/** Asks for the deletion of each, again and again while something passing holds it, until none is left. */
async function removeAll(wave: readonly Resource[], forMs: number, work: Work): Promise<void> {
  const { kit, fates, seenGone } = work
  let left = wave
  // The first time AWS need not be asked: it has just listed them, and may not know them yet by their ids.
  let isFirst = true
  const fateOf = (resource: Resource) => fates.get(keyOf(resource))?.now
  const probe = async () => {
    const present = isFirst ? left : await kit.cloud.stillExisting(left)
    const isEarly = isFirst
    isFirst = false
    for (const gone of left.filter((each) => !present.includes(each))) {
      kit.tell({ kind: 'gone', id: gone.id })
      seenGone.add(gone)
    }
    left = present
    const waiting = left.filter((each) => (fateOf(each) ?? 'waits') === 'waits')
    for (const resource of waiting.filter(({ kind }) => !isEarly || !GO_WITH_THEIR_SERVER.includes(kind)))
      fates.set(keyOf(resource), await tryToRemove(resource, work))
    return left.every((each) => fateOf(each) === 'refused') ? true : undefined
  }
  const title = `the end of ${wave.map(({ id }) => id).join(', ')}`
  await waitFor({ title, everyMs: 8_000, forMs }, probe, kit)
}

/** A resource that AWS will not delete must not keep the others, but for those that it holds. */
async function tryToRemove(resource: Resource, work: Work): Promise<Fate> {
  try {
    const removal = await work.kit.cloud.remove(resource, work.ours)
    if (removal.done === 'asked') return { now: 'asked', why: 'it is still being deleted' }
    const lasting = removal.dependents.filter((dependent) => isLasting(dependent, work))
    if (lasting.length === 0) return { now: 'waits', why: whyWaiting(removal) }
    return {
      now: 'refused',
      why: lasting.map((dependent) => heldBy(dependent, work)).join('; '),
      run: lasting.flatMap((dependent) =>
        among([...work.ours, ...work.stays], dependent) ? [] : dependent.run,
      ),
    }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    const { what, why, remedy } = error.finding
    const run = remedy.run?.filter(isOfEc2) ?? []
    return { now: 'refused', why: [what, why].filter(Boolean).join(' '), run }
  }
}

/** Such a command is for the student to run; flasklab itself does already what the others would do. */
function isOfEc2(command: Command): boolean {
  return command.kind === 'aws' && command.service === 'ec2'
}

function whyWaiting({
  why,
  dependents,
}: {
  readonly why: string
  readonly dependents: readonly Dependent[]
}): string {
  return dependents.length === 0
    ? why
    : `${why} It is held by ${dependents.map(({ what }) => what).join(', ')}.`
}

/** Waiting does not help against a dependent that is not in the plan, or is refused itself. */
function isLasting({ by }: Dependent, { ours, fates }: Work): boolean {
  if (by === undefined) return false
  const dependent = ours.find(({ id }) => id === by)
  return dependent === undefined || fates.get(keyOf(dependent))?.now === 'refused'
}

function heldBy(dependent: Dependent, work: Work): string {
  const fate = among(work.ours, dependent)
    ? 'which could not be deleted'
    : among(work.stays, dependent)
      ? 'which does not carry the lab’s tags'
      : 'and that is not of this lab'
  return `it is held by ${dependent.what}, ${fate}`
}

function among(resources: readonly Resource[], { by }: Dependent): boolean {
  return resources.some(({ id }) => id === by)
}

/** AWS shows for some seconds what is gone already. */
const AFTERGLOW_MS = 30_000

/** Looks again, until nothing is shown that is on its way out, and keeps what it saw. */
async function conclude(plan: CleanupPlan, work: Work): Promise<Receipt> {
  const { kit, ours, fates } = work
  let seen = await lookAgain(plan, work)
  const probe = async () => {
    const isGoing = ours.some(
      (each) => seen.present.has(keyOf(each)) && fates.get(keyOf(each))?.now === 'asked',
    )
    if (!isGoing) return seen
    seen = await lookAgain(plan, work)
    return undefined
  }
  await waitFor({ title: 'the last look', everyMs: 3_000, forMs: AFTERGLOW_MS }, probe, kit)
  const { left, unseen } = seen
  const deleted = ours.filter((each) => !seen.present.has(keyOf(each))).map(named)
  const at = new Date(kit.clock.now()).toISOString()
  if (left.length > 0) {
    const receipt = { deleted, left, clean: false, unseen }
    const file = kit.record.keepReceipt({ at, ...receiptJson(receipt) })
    kit.tell({ kind: 'note', text: `The receipt: ${file}` })
    return receipt
  }
  const files = kit.record.retire({ at, deleted, ...(unseen.length === 0 ? {} : { unseen }) })
  return {
    deleted: [...deleted, ...files.map((id) => ({ kind: 'local-file', id }))],
    left,
    clean: true,
    unseen,
  }
}

interface LastLook {
  readonly present: ReadonlyMap<string, Resource>
  readonly left: readonly Left[]
  readonly unseen: readonly string[]
}

/** By tag, by name and by the ids of the plan, unless those are gone by their ids: only what can no longer be found counts as deleted. */
async function lookAgain(plan: CleanupPlan, { kit, ours, fates, seenGone }: Work): Promise<LastLook> {
  const look = kit.cloud.look()
  const [byTag, extras, byName, byId] = await Promise.all([
    look.listResources(),
    look.listUnmanaged(),
    look.findByName(),
    look.stillExisting(plan.items.filter((each) => !seenGone.has(each))),
  ])
  const tagged = [...byTag, ...extras.found.filter(({ isUntagged }) => !isUntagged)]
  const present = new Map([...byName, ...byId, ...tagged].map((each) => [keyOf(each), each]))
  const left = [...present].map(([key, each]): Left => {
    const isIt = (other: Resource) => keyOf(other) === key
    const { why = NOT_REACHED, run = [] } = fates.get(key) ?? {}
    if (ours.some(isIt)) return { ...named(each), why, run }
    return tagged.some(isIt) ? { ...named(each), why: APPEARED } : untouchable(each, plan.region)
  })
  return { present, left, unseen: extras.unseen }
}

const APPEARED = 'it appeared after the plan was made'
const NOT_REACHED = 'its turn did not come'

function keyOf({ kind, id }: Resource): string {
  return `${kind} ${id}`
}
