import { flasklab } from '../lab/command.ts'
import { deadlineIn } from '../lab/deadline.ts'
import { LabError, UsageError } from '../lab/finding.ts'
import type { Identity } from '../lab/lab.ts'
import { isLearnerLab, wrongLearnerRegion } from '../lab/learner-lab.ts'
import { type Names, namesFor } from '../lab/names.ts'
import { checkOwnRegion } from '../lab/own-region.ts'
import type { Regions } from '../lab/ports/account.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Labs } from '../lab/ports/labs.ts'
import { survey, walk } from '../lab/walk.ts'
import { parseCidr } from '../net/firewall.ts'
import { tellOfServer } from '../phases/1-launch-instance.ts'
import { tellOfDatabase } from '../phases/4-create-database.ts'
import { phasesInOrder } from '../phases/in-order.ts'
import { checkAccount, tellOfSession } from './account-notes.ts'
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
  /** Shows what is about to be done, before it is asked whether to do it. */
  readonly introduce: (introduction: Introduction) => void
}

/** The words of `up` about the lab before it begins. */
export interface Introduction {
  readonly plan: Plan
  readonly identity: Identity
  /** Nothing of it has been made yet. */
  readonly isNew: boolean
  readonly isDryRun: boolean
  /** By when it is to be gone, where that is said. */
  readonly expires: string | undefined
}

/** A lab to build: where, as whom, with which names and phases. */
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
  const network = await kit.snapshot.seen.findNetwork()
  const names = value.names ?? (await freeNames(kit))
  const isNew = value.names === undefined
  const looked = options.dryRun && !isNew ? await survey(phasesInOrder, network, kit) : undefined
  if (looked?.failure !== undefined) throw looked.failure
  if (isNew) await tellOfNamesakes(identity, kit)
  if (isNew) await checkAccount(kit)
  const plan: Plan = {
    lab: value.name,
    region: kit.cloud.region,
    account: identity.account,
    server: names.server,
    database: names.database,
    phases: phasesInOrder.map(({ number, id, title }) => ({
      number,
      id,
      title,
      done: looked?.done.has(id) ?? false,
    })),
  }
  const expires = options.expires === undefined ? undefined : deadlineIn(options.expires, kit.clock.now())
  options.introduce({ plan, identity, isNew, isDryRun: options.dryRun, expires })
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
  if (!isNew) await tellOfOlder(kit)
  await walk(phasesInOrder, network, kit)
  return (await takeStock(kit)).status
}

/** An interruption names all that costs, also what its phase has not come to yet. */
async function tellOfOlder(kit: Pick<Kit, 'snapshot' | 'record' | 'tell'>): Promise<void> {
  const { seen } = kit.snapshot
  const [server, database] = await Promise.all([seen.findServer(), seen.findDatabase()])
  if (server) tellOfServer(server.id, kit)
  if (database) tellOfDatabase(database.id, kit)
}

/** The handout's, for the first lab of an account. */
async function freeNames(kit: Pick<Kit, 'record'> & WithCloud<Labs>): Promise<Names> {
  const [handouts, named, unique] = namesFor(kit.record.value)
  if (!(await kit.cloud.areTaken(handouts))) return handouts
  return (await kit.cloud.areTaken(named)) ? unique : named
}

function refuseLearnerRegion(kit: WithCloud<Regions>): void {
  const finding = wrongLearnerRegion(kit.cloud.region)
  if (finding) throw new LabError(finding)
}

/** Not this lab, as its id is another; but a lost record of the student's own is no reason to bill for ever. */
async function tellOfNamesakes(
  { userId }: Identity,
  kit: Pick<Kit, 'record' | 'tell'> & WithCloud<Labs>,
): Promise<void> {
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
async function confirmWideSsh(block: string | undefined, kit: Pick<Kit, 'ask'>): Promise<void> {
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
