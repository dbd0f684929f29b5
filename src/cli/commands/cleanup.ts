import type { LabReceipt, Selection } from '../../commands/cleanup-many.ts'
import type { Receipt } from '../../commands/receipt.ts'
import { flasklab } from '../../lab/command.ts'
import { UsageError } from '../../lab/finding.ts'
import type { LabSearch } from '../../lab/lab-search.ts'
import { duration, labId } from '../argument-parsers.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { type Given, isGiven, numberOf, textOf } from '../given.ts'
import { changing, withAccount, withLab } from '../open-labs.ts'
import type { Session } from '../session.ts'

interface Options {
  readonly dryRun: boolean
  /** Which lab of a name whose records are lost. */
  readonly id: string | undefined
  /** Undefined: one lab, by its name. */
  readonly selection: Selection | undefined
}

type Report = { readonly bills: boolean; readonly dryRun: boolean } & (
  | {
      readonly receipt: Receipt
      readonly json: unknown
      readonly searched: LabSearch | undefined
      readonly others: readonly string[]
    }
  | { readonly receipts: readonly LabReceipt[]; readonly json: unknown; readonly region: string }
)

export const cleanup: CliCommand<Options, Report> = {
  usage: 'cleanup',
  about: 'delete everything that the lab made',
  flags: [
    { flag: '--practice', about: 'look in the practice cloud, for a lab whose record is lost' },
    { flag: '--dry-run', about: 'show what would be deleted, delete nothing' },
    { flag: '--expired', about: 'your labs whose deadline (up --expires) has passed' },
    {
      flag: '--older-than <time>',
      about: 'your labs that are older than 90m, 4h or 2d',
      parse: duration,
    },
    { flag: '--all', about: 'everybody’s labs in the account and region, for instructors' },
    {
      flag: '--id <id>',
      about: 'which of several labs of one name whose records are lost',
      parse: labId,
    },
  ],
  notes: `
A lab whose record is lost is looked for in all regions, or in that of --region;
labs that are chosen by --expired, --older-than and --all in one region.`,
  options: (given) => ({
    dryRun: isGiven(given, 'dryRun'),
    id: textOf(given, 'id'),
    selection: selectionOf(given),
  }),
  run: ({ selection, ...options }, session) =>
    selection === undefined ? cleanupOne(options, session) : cleanupSeveral(selection, options, session),
  json: ({ json }) => json,
  async view(report, paper) {
    const { bills } = report
    const { receiptsText, receiptText } = await import('../../terminal/views/receipt.ts')
    if ('receipts' in report) return receiptsText(report.receipts, { region: report.region, bills }, paper)
    const { nothingText } = await import('../../terminal/views/nothing-to-clean.ts')
    const { receipt, searched, others } = report
    return (searched && nothingText(receipt, searched, others, paper)) ?? receiptText(receipt, bills, paper)
  },
  exitCode(report) {
    const isClean = 'receipts' in report ? report.receipts.every(({ clean }) => clean) : report.receipt.clean
    return isClean || report.dryRun ? EXIT.done : EXIT.failed
  },
}

const OF_SEVERAL = ['all', 'olderThan', 'expired'] as const

/** Where labs are chosen by what they are, and not by name. */
function selectionOf(given: Given): Selection | undefined {
  if (OF_SEVERAL.every((flag) => given[flag] === undefined)) return undefined
  const one = ['lab', 'id'].find((flag) => given[flag] !== undefined)
  if (one !== undefined) throw oneOrSeveral(one)
  return {
    all: isGiven(given, 'all'),
    olderThanMs: numberOf(given, 'olderThan'),
    expired: isGiven(given, 'expired'),
  }
}

function oneOrSeveral(one: string): UsageError {
  return new UsageError({
    what: `--${one} names one lab, but --all, --older-than and --expired choose among all.`,
    remedy: { say: 'Give the one or the others.', run: [flasklab('list')] },
  })
}

async function cleanupOne({ dryRun, id }: Omit<Options, 'selection'>, session: Session): Promise<Report> {
  const [{ cleanup: cleanUp }, { planJson }, { receiptJson }] = await Promise.all([
    import('../../commands/cleanup.ts'),
    import('../../commands/cleanup-plan.ts'),
    import('../../commands/receipt.ts'),
  ])
  const show = await showingPlans(session)
  const done = await withLab(
    { lookup: 'lost', changing: changing('cleanup', { dryRun }), id },
    session,
    async (kit, { searched, bills }) => {
      const receipt = await cleanUp({ dryRun, bills, show: show(bills) }, kit)
      return { receipt, searched, bills, others: kit.record.others() }
    },
    ({ receipt }) => (receipt.clean && !dryRun ? { by: 'cleanup' } : undefined),
  )
  const { plan } = done.receipt
  const json = receiptJson(done.receipt)
  return { ...done, dryRun, json: plan === undefined ? json : { ...json, plan: planJson(plan) } }
}

async function cleanupSeveral(
  selection: Selection,
  { dryRun }: Omit<Options, 'selection'>,
  session: Session,
): Promise<Report> {
  const { cleanupMany, receiptsJson } = await import('../../commands/cleanup-many.ts')
  const show = await showingPlans(session)
  return withAccount(session, async (account, { bills }) => {
    const receipts = await cleanupMany(selection, { dryRun, bills, show: show(bills) }, account)
    return { receipts, json: receiptsJson(receipts), region: account.region, bills, dryRun }
  })
}

/** Shows what would be deleted before it is asked whether to do it. */
async function showingPlans({ tell, paper }: Session) {
  const { plansText } = await import('../../terminal/views/cleanup-plan.ts')
  return (bills: boolean) => (plans: Parameters<typeof plansText>[0]) =>
    tell({ kind: 'plan', text: plansText(plans, bills, paper.width) })
}
