import { flasklab } from '../lab/command.ts'
import { deadlineIn } from '../lab/deadline.ts'
import { LabError, UsageError } from '../lab/finding.ts'
import { handout, type Identity } from '../lab/lab.ts'
import { isLearnerLab, wrongLearnerRegion } from '../lab/learner-lab.ts'
import { type Names, namesFor } from '../lab/names.ts'
import { checkOwnRegion } from '../lab/own-region.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { survey, walk } from '../lab/walk.ts'
import { parseCidr } from '../net/firewall.ts'
import { PLAIN_HTTP } from '../phases/7-run-application.ts'
import { phasesInOrder } from '../phases/in-order.ts'
import { checkAccount, tellOfSession } from './account-notes.ts'
import { priceSentence } from './cost-text.ts'
import { refuseOtherAccount } from './same-account.ts'
import { type Status, takeStock } from './status.ts'

export interface UpOptions {
  readonly dryRun: boolean
  /** Who may use SSH, as a CIDR block; else only the present address. */
  readonly sshFrom: string | undefined
  /** Who may open the site, as a CIDR block. */
  readonly allowFrom: string | undefined
  /** In how many ms the lab is to be gone. */
  readonly expires: number | undefined
}

/** What would be built, where and as whom. */
interface Plan {
  readonly lab: string
  readonly region: string
  readonly account: string
  readonly server: string
  readonly database: string
  readonly phases: readonly {
    readonly number: number
    readonly id: string
    readonly title: string
    readonly done: boolean
  }[]
}

/** The lab as it is after the walk; or the plan, when nothing was made. */
export type UpOutcome = Status | { readonly plan: Plan }

/** Walks the eight phases. */
export async function up(options: UpOptions, kit: Kit): Promise<UpOutcome> {
  const identity = await kit.cloud.whoAmI()
  await checkOwnRegion(kit)
  refuseOtherAccount(identity, kit)
  const { value } = kit.record
  if (isLearnerLab(identity)) refuseLearnerRegion(kit)
  await tellOfSession(identity, kit)
  const network = await kit.cloud.findNetwork()
  const names = value.names ?? (await freeNames(kit))
  const isNew = value.names === undefined
  const done = options.dryRun && !isNew ? (await survey(phasesInOrder, network, kit)).done : new Set()
  if (isNew) await tellOfNamesakes(identity, kit)
  if (isNew) await checkAccount(kit)
  const plan: Plan = {
    lab: value.name,
    region: kit.cloud.region,
    account: identity.account,
    server: names.server,
    database: names.database,
    phases: phasesInOrder.map(({ number, id, title }) => ({ number, id, title, done: done.has(id) })),
  }
  kit.tell({ kind: 'note', text: introduction(plan, identity, isNew, options.dryRun) })
  const expires = options.expires === undefined ? undefined : deadlineIn(options.expires, kit.clock.now())
  if (expires !== undefined) kit.tell({ kind: 'note', text: deadlineText(expires) })
  if (options.dryRun) return { plan }
  if (isNew && !(await kit.ask.confirm('Build it?', { fallback: true, flag: '--yes' }))) return { plan }
  await confirmWideSsh(options.sshFrom, kit)
  if (expires !== undefined && !isNew) await kit.cloud.tagDeadline(expires)
  kit.record.save({
    account: identity.account,
    owner: identity.userId,
    names,
    ...(options.sshFrom === undefined ? {} : { sshFrom: options.sshFrom }),
    ...(options.allowFrom === undefined ? {} : { allowFrom: options.allowFrom }),
    ...(expires === undefined ? {} : { expires }),
  })
  await walk(phasesInOrder, network, kit)
  return (await takeStock(kit)).status
}

/** The handout's, for the first lab of an account. */
async function freeNames(kit: Kit): Promise<Names> {
  const [handouts, named, unique] = namesFor(kit.record.value)
  if (!(await kit.cloud.areTaken(handouts))) return handouts
  return (await kit.cloud.areTaken(named)) ? unique : named
}

function headline(plan: Plan, { account, arn }: Identity): string {
  return `Lab "${plan.lab}" in ${plan.region}, account ${account}, as ${arn}`
}

function introduction(plan: Plan, identity: Identity, isNew: boolean, isDryRun: boolean): string {
  if (isNew) return newPlanText(plan, identity)
  if (!isDryRun) return headline(plan, identity)
  const phases = plan.phases.map((phase) => `  ${phase.done ? '[x]' : '[ ]'} ${phase.number}. ${phase.title}`)
  return [headline(plan, identity), '', ...phases].join('\n')
}

function newPlanText(plan: Plan, identity: Identity): string {
  return [
    headline(plan, identity),
    '',
    ...plan.phases.map((phase) => `  ${phase.number}. ${phase.title}`),
    '',
    `It makes the server ${plan.server} (${handout.serverType}), the database ${plan.database} (${handout.databaseClass}, MySQL 8.4, ${handout.databaseGb} GB), three security groups, a subnet group and a key pair. ${priceSentence(plan.region)}`,
    PLAIN_HTTP,
  ].join('\n')
}

function deadlineText(expires: string): string {
  return `It is to be gone by ${expires}: after that every command says so, and "flasklab cleanup --expired" deletes it.`
}

function refuseLearnerRegion(kit: Kit): void {
  const finding = wrongLearnerRegion(kit.cloud.region)
  if (finding) throw new LabError(finding)
}

/** Not this lab, as its id is another; but a lost record of the student's own is no reason to bill for ever. */
async function tellOfNamesakes({ userId }: Identity, kit: Kit): Promise<void> {
  const { name } = kit.record.value
  const ids = await kit.cloud.findLabIds(name, userId)
  if (ids.length === 0) return
  kit.tell({
    kind: 'warning',
    finding: {
      what: `These credentials have made a lab "${name}" before (${ids.join(', ')}), whose record is not here.`,
      why: 'This one will be another lab beside it. Whoever shares your credentials may have called theirs the same.',
      remedy: {
        say: 'If it is yours and you have lost its record, delete it: it may bill.',
        run: ids.map((id) => flasklab('cleanup', { id })),
      },
    },
  })
}

/** Port 22 open to half the world is scanned within minutes. */
async function confirmWideSsh(block: string | undefined, kit: Kit): Promise<void> {
  const prefix = block === undefined ? 32 : (parseCidr(block)?.prefix ?? 0)
  if (prefix >= 24) return
  const addresses = 2 ** (32 - prefix)
  if (
    prefix >= 8 &&
    (await kit.ask.confirm(`Really let ${addresses} addresses try SSH?`, { fallback: false, flag: '--yes' }))
  ) {
    return
  }
  throw new UsageError({
    what: `--ssh-from ${block} is too wide: ${addresses} addresses.`,
    why: 'Whoever may try SSH will.',
    remedy: {
      say: 'Name the block that your network uses, a /24 at most.',
      run: [flasklab('up', { 'ssh-from': '203.0.113.0/24' })],
    },
  })
}

/** What `up` ends with. */
export function upText(outcome: UpOutcome): string {
  if ('plan' in outcome) return 'Nothing was made.'
  const missing = outcome.phases.find((phase) => !phase.done)
  if (missing) {
    return `Stopped before phase ${missing.number}. What was made stays, and on AWS it costs: "flasklab up" goes on, "flasklab cleanup" deletes it.`
  }
  return [
    '',
    `The lab is up: ${outcome.site?.url}`,
    '',
    'A browser may warn about a site without encryption: choose "Continue to site".',
    'Next:',
    '  flasklab test-login   registers and logs in a test user, and reads its row',
    '  flasklab ssh          a shell on the server; "mysql" there opens the database',
    '  flasklab logs         what the app writes',
    '  flasklab status       what there is',
    '  flasklab cleanup      deletes everything',
  ].join('\n')
}
