import { LabError } from '../lab/finding.ts'
import type { Kit, Removal, Resource, ResourceKind } from '../lab/ports.ts'
import { waitFor } from '../lab/wait.ts'

export interface Receipt {
  readonly deleted: readonly { readonly kind: string; readonly id: string }[]
  readonly left: readonly { readonly kind: string; readonly id: string; readonly why: string }[]
  readonly clean: boolean
}

/** What goes at once, and what only then: the order in which AWS lets go. */
const WAVES: readonly (readonly ResourceKind[])[] = [
  ['database', 'server'],
  ['subnet-group', 'key-pair', 'volume', 'network-interface', 'security-group'],
]
// RDS takes up to 8 minutes to delete; its network interface, which holds the groups, a little longer.
const WAVE_MS: readonly number[] = [1_200_000, 600_000]

const WORDS: Readonly<Record<ResourceKind, string>> = {
  server: 'EC2 instance',
  database: 'RDS database, with all that is stored in it',
  'subnet-group': 'DB subnet group',
  'security-group': 'security group',
  'key-pair': 'key pair',
  volume: 'EBS volume',
  'network-interface': 'network interface',
}

/** Deletes everything of the lab, waits until it is gone and looks again. */
export async function cleanup(options: { readonly dryRun: boolean }, kit: Kit): Promise<Receipt> {
  const plan = await kit.cloud.listResources()
  if (plan.length > 0) kit.tell({ kind: 'note', text: planText(plan, kit) })
  if (options.dryRun) return untouched(plan, DRY_RUN)
  const question = `Delete ${plan.length === 1 ? 'it' : `these ${plan.length}`}?`
  if (plan.length > 0 && !(await kit.ask.confirm(question, { fallback: false, flag: '--yes' }))) {
    return untouched(plan, SAID_NO)
  }
  for (const each of plan) kit.tell({ kind: 'exists', what: WORDS[each.kind], id: each.id })
  const reasons = new Map<string, string>()
  for (const [index, kinds] of WAVES.entries()) {
    await removeAll(
      plan.filter((each) => kinds.includes(each.kind)),
      WAVE_MS[index] ?? 0,
      reasons,
      kit,
    )
  }
  return conclude(plan, reasons, kit)
}

const DRY_RUN = 'it was a dry run'
const SAID_NO = 'you said no'

function untouched(plan: readonly Resource[], why: string): Receipt {
  return { deleted: [], left: plan.map((each) => ({ ...named(each), why })), clean: plan.length === 0 }
}

/** Asks for the deletion of each, again and again while something still needs it, until none is left. */
async function removeAll(
  wave: readonly Resource[],
  forMs: number,
  reasons: Map<string, string>,
  kit: Kit,
): Promise<void> {
  if (wave.length === 0) return
  const settled = new Map<string, 'asked' | 'refused'>()
  const probe = async () => {
    const present = new Set((await kit.cloud.listResources()).map(keyOf))
    const left = wave.filter((each) => present.has(keyOf(each)))
    for (const gone of wave.filter((each) => !present.has(keyOf(each))))
      kit.tell({ kind: 'gone', id: gone.id })
    for (const resource of left.filter((each) => !settled.has(keyOf(each)))) {
      const removal = await tryToRemove(resource, kit)
      if (removal.done !== 'not-yet') settled.set(keyOf(resource), removal.done)
      if (removal.done !== 'asked') reasons.set(keyOf(resource), removal.why)
    }
    return left.every((each) => settled.get(keyOf(each)) === 'refused') ? true : undefined
  }
  const title = wave.map((each) => each.id).join(', ')
  await waitFor({ title: `the end of ${title}`, everyMs: 8_000, forMs }, probe, kit)
}

/** One thing that AWS will not delete must not keep the rest. */
async function tryToRemove(
  resource: Resource,
  kit: Kit,
): Promise<Removal | { readonly done: 'refused'; readonly why: string }> {
  try {
    return await kit.cloud.remove(resource)
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    const { what, why } = error.finding
    return { done: 'refused', why: [what, why].filter(Boolean).join(' ') }
  }
}

/** Looks again, by tag: only what can no longer be found counts as deleted. */
async function conclude(
  plan: readonly Resource[],
  reasons: ReadonlyMap<string, string>,
  kit: Kit,
): Promise<Receipt> {
  const present = await kit.cloud.listResources()
  const left = present.map((each) => ({
    ...named(each),
    why:
      reasons.get(keyOf(each)) ??
      (plan.some((one) => keyOf(one) === keyOf(each)) ? 'still being deleted' : 'it appeared meanwhile'),
  }))
  const gone = plan.filter((each) => !present.some((one) => keyOf(one) === keyOf(each))).map(named)
  if (left.length > 0) return { deleted: gone, left, clean: false }
  const at = new Date(kit.clock.now()).toISOString()
  const files = kit.record.retire({ at, deleted: gone })
  return { deleted: [...gone, ...files.map((id) => ({ kind: 'local-file', id }))], left: [], clean: true }
}

function named({ kind, id }: Resource): { readonly kind: string; readonly id: string } {
  return { kind, id }
}

function keyOf({ kind, id }: Resource): string {
  return `${kind} ${id}`
}

function planText(plan: readonly Resource[], kit: Kit): string {
  return [
    `Of the lab "${kit.record.value.name}" in ${kit.cloud.region} there is:`,
    ...plan.map(
      (each) =>
        `  ${WORDS[each.kind]} ${each.id}${each.name === '' || each.name === each.id ? '' : ` (${each.name})`}`,
    ),
  ].join('\n')
}

export function receiptText({ deleted, left, clean }: Receipt): string {
  if (deleted.length === 0 && clean) return 'There is nothing to clean up.'
  const [why] = left.map((each) => each.why)
  if (why === SAID_NO) return 'Nothing was deleted. On AWS it goes on to cost.'
  if (why === DRY_RUN) {
    const lines = left.map((each) => `would delete  ${each.kind}  ${each.id}`)
    return [...lines, '', 'Nothing was deleted: it was a dry run.'].join('\n')
  }
  return [
    ...deleted.map((each) => `deleted  ${each.kind}  ${each.id}`),
    ...left.map((each) => `LEFT     ${each.kind}  ${each.id}: ${each.why}`),
    '',
    clean ? 'Nothing of the lab is left.' : 'Run the command again; what is left may bill.',
  ].join('\n')
}
