import { type Command, Option } from 'commander'
import type { Plan } from '../commands/cleanup-plan.ts'
import { flasklab } from '../lab/command.ts'
import { type Plan as AccountPlan, PLANS } from '../lab/cost.ts'
import { hasCode, UsageError } from '../lab/finding.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { databaseName, duration, instanceId, labId } from './argument-parsers.ts'
import { type Add, changing, handmadeLab } from './command-line.ts'
import { EXIT } from './failure.ts'
import type { Result, Session } from './session.ts'

/** Commands about what an account holds, pays and permits. */
export function addAccountCommands(program: Command, add: Add): void {
  add(program, 'list', 'all labs in the account, whosever they are', async (session, flags) => {
    const { list } = await import('../commands/list.ts')
    const { listText } = await import('../terminal/views/list.ts')
    const allRegions = flags['allRegions'] === true
    const listing = await session.withAccount((account) => list({ allRegions }, account))
    return { json: listing, text: listText(listing, session.bills, session.paper.width) }
  })
    .option('--all-regions', 'in every region of the account')
    .option('--practice', 'on the practice cloud')

  add(
    program,
    'cost',
    'what the lab costs: an hour, so far, and if it is forgotten',
    async (session, flags) => {
      const { cost, costOfHandout } = await import('../commands/cost.ts')
      const { costText } = await import('../terminal/views/cost.ts')
      const prices = flags['live'] === true ? await session.askPrices() : undefined
      const options = { prices, plan: flags['plan'] as AccountPlan | undefined }
      const handmade = handmadeLab(flags)
      const id = flags['id'] as string | undefined
      const isLost = id !== undefined || flags['practice'] === true
      const priced = await session
        .withLab(
          { lookup: handmade ? 'make' : isLost ? 'lost' : 'find', handmade, id },
          (kit: Pick<Kit, 'clock' | 'cloud' | 'record' | 'snapshot'>) =>
            cost({ ...options, bills: session.bills }, kit),
        )
        .catch(async (error: unknown) => {
          // A lab that was named is missed; else there is just none yet.
          const isNamed = flags['lab'] !== undefined || id !== undefined
          if (!hasCode(error, 'unknown-lab') || isNamed) throw error
          return costOfHandout({ ...options, bills: true }, await session.region(), Date.now())
        })
      return { json: priced.report, text: costText(priced, session.paper.width) }
    },
  )
    .option('--live', 'ask AWS’s price list, instead of the prices that flasklab comes with')
    .addOption(new Option('--plan <plan>', 'how your account pays').choices(PLANS))
    .option('--adopt', 'price a lab that was made by hand, by the handout’s names')
    .option('--instance <id>', 'which server, of a lab made by hand', instanceId)
    .option('--db <name>', 'which database, of a lab made by hand', databaseName)
    .option('--practice', 'look in the practice cloud, for a lab whose record is lost')
    .option('--id <id>', 'which of several labs of one name whose records are lost', labId)
    .addHelpText(
      'after',
      `
Before there is a lab, it prices the one of the handout (--region says where).
Plans: none (you pay), credits (an account opened since 15 July 2025), legacy
(an older one). --live needs AWS credentials that may do pricing:GetProducts.`,
    )

  add(program, 'cleanup', 'delete everything that the lab made', async (session, flags) => {
    const { cleanup } = await import('../commands/cleanup.ts')
    const { planJson } = await import('../commands/cleanup-plan.ts')
    const { plansText } = await import('../terminal/views/cleanup-plan.ts')
    const { nothingText } = await import('../terminal/views/nothing-to-clean.ts')
    const { receiptJson } = await import('../commands/receipt.ts')
    const { receiptText } = await import('../terminal/views/receipt.ts')
    const id = flags['id'] as string | undefined
    const dryRun = flags['dryRun'] === true
    if (severalLabs(flags)) return cleanupSeveral(session, flags)
    const { receipt, nothing } = await session.withLab(
      {
        lookup: 'lost',
        changing: changing('cleanup', flags),
        id,
      },
      async (kit, searched) => {
        const done = await cleanup({ dryRun, bills: session.bills, show: showing(session, plansText) }, kit)
        const nothing = searched && nothingText(done, searched, kit.record.others(), session.paper)
        return { receipt: done, nothing }
      },
      (done) => (done.receipt.clean && !dryRun ? { by: 'cleanup' } : undefined),
    )
    const { plan } = receipt
    const json = receiptJson(receipt)
    if (plan !== undefined) {
      return {
        json: { ...json, plan: planJson(plan) },
        text: nothing ?? receiptText(receipt, session.bills, session.paper),
      }
    }
    const text = nothing ?? receiptText(receipt, session.bills, session.paper)
    return { json, text, code: receipt.clean ? EXIT.done : EXIT.failed }
  })
    .option('--practice', 'look in the practice cloud, for a lab whose record is lost')
    .option('--dry-run', 'show what would be deleted, delete nothing')
    .option('--expired', 'your labs whose deadline (up --expires) has passed')
    .option('--older-than <time>', 'your labs that are older than 90m, 4h or 2d', duration)
    .option('--all', 'everybody’s labs in the account and region, for instructors')
    .option('--id <id>', 'which of several labs of one name whose records are lost', labId)
    .addHelpText(
      'after',
      `
A lab whose record is lost is looked for in all regions, or in that of --region;
labs that are chosen by --expired, --older-than and --all in one region.`,
    )

  add(program, 'iam-policy', 'print the AWS permissions that flasklab needs, as an IAM policy', async () => {
    const { iamPolicy } = await import('../lab/iam-policy.ts')
    return { json: iamPolicy, text: JSON.stringify(iamPolicy, undefined, 2) }
  }).addHelpText(
    'after',
    `
For whoever runs the account: it lets a student do what flasklab does, make only
what carries the student's id as the tag flasklab:owner, and change only that.
  flasklab iam-policy >flasklab.json
  aws iam create-policy --policy-name flasklab --policy-document file://flasklab.json`,
  )
}

const OF_SEVERAL = ['all', 'olderThan', 'expired'] as const

/** Whether labs are chosen by what they are, and not by name. */
function severalLabs(flags: Record<string, unknown>): boolean {
  if (OF_SEVERAL.every((flag) => flags[flag] === undefined)) return false
  const one = ['lab', 'id'].find((flag) => flags[flag] !== undefined)
  if (one === undefined) return true
  throw new UsageError({
    what: `--${one} names one lab, but --all, --older-than and --expired choose among all.`,
    remedy: { say: 'Give the one or the others.', run: [flasklab('list')] },
  })
}

type PlansText = (plans: readonly Plan[], bills: boolean, width: number) => string

function showing(session: Session, plansText: PlansText): (plans: readonly Plan[]) => void {
  return (plans) => {
    const text = plansText(plans, session.bills, session.paper.width)
    session.tell({ kind: 'plan', text })
  }
}

async function cleanupSeveral(session: Session, flags: Record<string, unknown>): Promise<Result> {
  const { cleanupMany, receiptsJson } = await import('../commands/cleanup-many.ts')
  const { plansText } = await import('../terminal/views/cleanup-plan.ts')
  const { receiptsText } = await import('../terminal/views/receipt.ts')
  const dryRun = flags['dryRun'] === true
  const selection = {
    all: flags['all'] === true,
    olderThanMs: flags['olderThan'] as number | undefined,
    expired: flags['expired'] === true,
  }
  const { receipts, region } = await session.withAccount(async (account) => {
    const { bills } = session
    return {
      receipts: await cleanupMany(selection, { dryRun, bills, show: showing(session, plansText) }, account),
      region: account.region,
    }
  })
  const isDone = dryRun || receipts.every(({ clean }) => clean)
  return {
    json: receiptsJson(receipts),
    text: receiptsText(receipts, { region, bills: session.bills }, session.paper),
    code: isDone ? EXIT.done : EXIT.failed,
  }
}
