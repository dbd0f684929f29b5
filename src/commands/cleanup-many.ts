import { LabError } from '../lab/finding.ts'
import { isOf } from '../lab/lab-search.ts'
import type { Account, Kit } from '../lab/ports/kit.ts'
import type { LabSeen } from '../lab/ports/labs.ts'
import { type CleanupOptions, carryOut } from './cleanup.ts'
import { type CleanupPlan, makePlan, planJson } from './cleanup-plan.ts'
import { isExpired, madeAt } from './list.ts'
import { named, ofDryRun, ofNo, type Receipt, receiptJson } from './receipt.ts'

/** Selects the labs that meet all of these conditions. */
export interface Selection {
  /** Everybody's, and not only those of whoever asks. */
  readonly all: boolean
  readonly olderThanMs: number | undefined
  readonly expired: boolean
}

/** The receipt of one of them. */
export interface LabReceipt extends Receipt {
  readonly lab: string
  readonly id: string
  readonly owner: string
}

/** A class of sixty shares the request limits of its account. */
const AT_ONCE = 6

/** Shows what there is of each lab, asks once, deletes exactly that and looks again. */
export async function cleanupMany(
  selection: Selection,
  { dryRun, bills, show }: CleanupOptions,
  account: Account,
): Promise<readonly LabReceipt[]> {
  const cloud = account.cloudIn(account.region)
  const identity = await cloud.whoAmI()
  await cloud.checkRegion()
  const labs = await cloud.listLabs()
  const now = account.clock.now() + cloud.clockOffset
  const ofThem = labs.filter((lab) => selection.all || isOf(identity.userId, lab))
  tellOfAgeless(labs, selection, account)
  tellOfUnreadable(ofThem, selection, account)
  const meant = ofThem.filter((lab) => isMeant(lab, selection, now))
  const jobs = await inTurns(meant, (lab) => prepare(lab, dryRun, account))
  const plans = jobs.flatMap(({ plan }) => plan ?? [])
  if (dryRun) return jobs.map(({ lab, plan, held }) => about(lab, plan ? ofDryRun(plan) : atWork(lab, held)))
  if (plans.length > 0) {
    show(plans)
    if (!(await agreed(plans.length, identity.account, bills, account)))
      return jobs.map(({ lab, plan, held }) => about(lab, plan ? ofNo(plan) : atWork(lab, held)))
  }
  return inTurns(jobs, async ({ lab, plan, kit, held }) => {
    if (plan === undefined || kit === undefined) return about(lab, atWork(lab, held))
    const judge = await account.exerciseIn(kit)
    const receipt = await carryOut(plan, kit)
    if (receipt.clean) await judge({ by: 'cleanup' })
    return about(lab, receipt)
  })
}

function isMeant(lab: LabSeen, { olderThanMs, expired }: Selection, now: number): boolean {
  const since = madeAt(lab)
  const isOld = olderThanMs === undefined || (since !== undefined && now - since > olderThanMs)
  return isOld && (!expired || isExpired(lab, now))
}

function tellOfAgeless(labs: readonly LabSeen[], { olderThanMs }: Selection, { tell }: Account): void {
  const ageless = labs.filter((lab) => madeAt(lab) === undefined)
  if (olderThanMs === undefined || ageless.length === 0) return
  const names = ageless.map(({ name, id }) => `${name} (${id})`)
  const text = `Left alone, as AWS does not tell how old what remains of them is: ${names.join(', ')}.`
  tell({ kind: 'note', text })
}

function tellOfUnreadable(labs: readonly LabSeen[], { expired }: Selection, { tell }: Account): void {
  const unreadable = labs.filter((lab) => lab.unreadableDeadline !== undefined)
  if (!expired || unreadable.length === 0) return
  const words = unreadable.map((lab) => `${lab.name} (${lab.id}: ${lab.unreadableDeadline})`)
  tell({ kind: 'note', text: `Left alone, as their deadlines can’t be read: ${words.join(', ')}.` })
}

interface Job {
  readonly lab: LabSeen
  readonly kit?: Kit
  readonly plan?: CleanupPlan
  /** Why it can't be had now. */
  readonly held?: string
}

async function prepare(lab: LabSeen, dryRun: boolean, account: Account): Promise<Job> {
  try {
    const kit = account.take(lab, dryRun)
    return { lab, kit, plan: await makePlan(kit) }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    return { lab, held: error.finding.what }
  }
}

/** One lab that another command is at work on must not keep the others. */
function atWork({ resources }: LabSeen, why = ''): Receipt {
  return { deleted: [], left: resources.map((each) => ({ ...named(each), why })), clean: false, unseen: [] }
}

function about({ id, name, owner }: LabSeen, receipt: Receipt): LabReceipt {
  return { ...receipt, lab: name, id, owner }
}

function agreed(count: number, id: string, bills: boolean, { ask }: Account): Promise<boolean> {
  const what = count === 1 ? 'this lab' : `these ${count} labs`
  const flag = '--yes'
  return bills
    ? ask.typeBack(`Delete all of ${what}? Type the account’s id, ${id}:`, { word: id, flag })
    : ask.confirm(`Delete all of ${what}?`, { fallback: false, flag })
}

async function inTurns<Item, Outcome>(
  items: readonly Item[],
  work: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  const waiting = [...items.entries()]
  const turn = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      outcomes[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, turn))
  return outcomes
}

/** All that a cleanup of one lab prints, of all together and of each. */
export function receiptsJson(receipts: readonly LabReceipt[]) {
  const each = receipts.map((receipt) => ({
    lab: receipt.lab,
    id: receipt.id,
    owner: receipt.owner,
    ...receiptJson(receipt),
    ...(receipt.plan === undefined ? {} : { plan: planJson(receipt.plan) }),
  }))
  return {
    deleted: each.flatMap(({ deleted }) => deleted),
    left: each.flatMap(({ left }) => left),
    clean: each.every(({ clean }) => clean),
    labs: each,
  }
}
