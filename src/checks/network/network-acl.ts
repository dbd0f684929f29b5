import { type Check, fail, pass, warn } from '../../lab/check.ts'
import { aws, type Command } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { DatabaseSeen } from '../../lab/ports/databases.ts'
import type { NetworkSeen } from '../../lab/ports/network.ts'
import type { ServerSeen } from '../../lab/ports/servers.ts'
import { type AclEntry, decidingEntry, REPLY_PORT } from '../../net/firewall.ts'
import type { Looks } from '../evidence.ts'
import { failUnlessItAnswers } from './fail-unless-it-answers.ts'
import { addressIn, databaseSubnet } from './vpc-layout.ts'

/** Where the ports begin that the systems of clients choose: Linux at 32768, others above it. */
const CLIENT_PORTS = 32_768

/** A router that stands for many clients chooses from here on. */
const ROUTER_PORTS = 1_024

const LAST_PORT = 65_535

/** The server's own, a Linux. */
const SERVER_PORTS = [CLIENT_PORTS, 60_999] as const

type Seen = Looks<'server' | 'database' | 'network' | 'myAddress' | 'ssh' | 'site' | 'databaseFromServer'>

export const networkAcl: Check<Seen> = {
  id: 'network-acl',
  title: 'No network ACL stands in the way',
  needs: ['server-exists'],
  async examine(evidence) {
    const { server, database, network, myAddress, lab } = evidence
    const seen = await expectFound(server())
    const [layout, mine, theirs] = await Promise.all([
      network(),
      myAddress(),
      database().catch(() => undefined),
    ])
    const steps = waysThrough(layout, seen, mine, theirs)
    const denial = steps.find((step) => !isAllowed(layout, step, step.port))
    if (denial !== undefined) {
      const reachability = await evidence[denial.probe]().catch(() => undefined)
      return failUnlessItAnswers(reachability, denied(layout, denial, lab.region), PROBED[denial.probe])
    }
    const [part] = steps
      .flatMap((step) => closedPart(layout, step) ?? [])
      .toSorted((one, other) => other.port - one.port)
    if (part === undefined) return pass()
    // A connection that comes through proves nothing for the next one, which has another port.
    const finding = partlyDenied(layout, part, lab.region)
    return part.port >= CLIENT_PORTS ? fail(finding) : warn(finding)
  },
}

const PROBED = { ssh: 'SSH on the server', site: 'The site', databaseFromServer: 'The database' } as const

interface PathStep {
  readonly subnetId: string
  readonly egress: boolean
  readonly port: number
  /** All the ports that an answer may go to; only a step of answers has it. */
  readonly range?: readonly [from: number, to: number]
  readonly address: string
  readonly what: string
  readonly probe: keyof Pick<Seen, 'ssh' | 'site' | 'databaseFromServer'>
}

/** Where packets of the lab pass a network ACL: at the edge of each subnet that they leave or enter. */
function waysThrough(
  layout: NetworkSeen,
  server: ServerSeen,
  mine: string,
  database: DatabaseSeen | undefined,
): PathStep[] {
  const theirs = database && databaseSubnet(layout, database)
  const fromHere = stepsFromHere(server.subnetId, mine)
  if (database === undefined || theirs === undefined || theirs.id === server.subnetId) return fromHere
  const near = { subnetId: server.subnetId, address: server.privateAddress ?? '' }
  return [
    ...fromHere,
    ...stepsToDatabase(near, { subnetId: theirs.id, address: addressIn(layout, database) }),
  ]
}

function stepsFromHere(subnetId: string, mine: string): PathStep[] {
  const { sshPort, sitePort } = handout
  const way = { subnetId, address: mine }
  return [
    { ...way, egress: false, port: sshPort, what: `port ${sshPort} from ${mine}`, probe: 'ssh' },
    { ...way, egress: false, port: sitePort, what: `port ${sitePort} from ${mine}`, probe: 'site' },
    {
      ...way,
      egress: true,
      port: REPLY_PORT,
      range: [ROUTER_PORTS, LAST_PORT],
      what: `answers to ${mine} (ports ${ROUTER_PORTS}–${LAST_PORT})`,
      probe: 'ssh',
    },
  ]
}

type End = Pick<PathStep, 'subnetId' | 'address'>

/** Each end's ACL judges by the address of the other one. */
function stepsToDatabase(near: End, far: End): PathStep[] {
  const probe = 'databaseFromServer'
  const port = handout.databasePort
  const atServer = { subnetId: near.subnetId, address: far.address, probe } as const
  const atDatabase = { subnetId: far.subnetId, address: near.address, probe } as const
  const answers = { port: REPLY_PORT, range: SERVER_PORTS }
  return [
    { ...atServer, egress: true, port, what: `MySQL (${port}) to the database` },
    { ...atDatabase, egress: false, port, what: `MySQL (${port}) from ${near.address}` },
    { ...atDatabase, ...answers, egress: true, what: `answers to ${near.address}` },
    { ...atServer, ...answers, egress: false, what: 'answers of the database' },
  ]
}

function aclOf(layout: NetworkSeen, subnetId: string) {
  return layout.acls.find((acl) => acl.subnetIds.includes(subnetId))
}

function isAllowed(layout: NetworkSeen, { subnetId, egress, address }: PathStep, port: number): boolean {
  const acl = aclOf(layout, subnetId)
  return acl === undefined || decidingEntry(acl.entries, egress, port, address)?.allow === true
}

/** The step with its highest port at which a closed part of its range begins. */
function closedPart(layout: NetworkSeen, step: PathStep): PathStep | undefined {
  const { range: [from, to] = [1, 0], subnetId } = step
  const begins = (aclOf(layout, subnetId)?.entries ?? []).flatMap(beginsAndEnds)
  // Between two of these nothing changes.
  const edges = [from, Math.max(from, CLIENT_PORTS), ...begins].filter((port) => from <= port && port <= to)
  const closed = edges.filter((port) => !isAllowed(layout, step, port))
  return closed.length === 0 ? undefined : { ...step, port: Math.max(...closed) }
}

function beginsAndEnds({ fromPort = 0, toPort = LAST_PORT }: AclEntry): number[] {
  return [fromPort, toPort + 1]
}

function partlyDenied(layout: NetworkSeen, part: PathStep, region: string): Finding {
  const what = `a part of the ${part.what}, port ${part.port} for example`
  return {
    ...denied(layout, { ...part, what }, region),
    why: 'A client’s system chooses another port for every connection: some come through, and some hang. A network ACL knows no connections, so what goes back needs to be allowed to all of these ports.',
  }
}

// AWS's own last entry, which can't be deleted: whatever no other one allows is dropped.
const LAST_ENTRY = 32_767

function denied(layout: NetworkSeen, step: PathStep, region: string): Finding {
  const acl = aclOf(layout, step.subnetId)
  const entries = acl?.entries ?? []
  const entry = decidingEntry(entries, step.egress, step.port, step.address)
  const isOwn = entry !== undefined && entry.number < LAST_ENTRY
  return {
    what: `The network ACL ${acl?.id ?? ''} of the subnet ${step.subnetId} ${isOwn ? `denies by its ${step.egress ? 'outbound' : 'inbound'} entry ${entry.number}` : 'has no entry that allows'} ${step.what}.`,
    why: 'A network ACL stands before the security groups and knows no connections: both directions need to be allowed, and it cuts what is open, too.',
    remedy: {
      say: `${isOwn ? 'Delete that entry' : 'Add an entry that allows everything, as the default ACL has'} (in the console: VPC, Network ACLs, ${acl?.id ?? ''}).`,
      run: [
        isOwn
          ? aws(region, 'ec2', 'delete-network-acl-entry', {
              'network-acl-id': acl?.id ?? '',
              egress: step.egress ? true : undefined,
              ingress: step.egress ? undefined : true,
              'rule-number': entry.number,
            })
          : allowAll(acl?.id, entries, step, region),
      ],
    },
  }
}

function allowAll(
  acl: string | undefined,
  entries: readonly AclEntry[],
  step: PathStep,
  region: string,
): Command {
  // 100 where it is free, else the nearest below it, else one from 200 on.
  const numbers = Array.from({ length: 200 }, (_, index) => 100 - index + (index > 99 ? 200 : 0))
  const free = numbers.find(
    (number) => number > 0 && !entries.some((each) => each.egress === step.egress && each.number === number),
  )
  return aws(region, 'ec2', 'create-network-acl-entry', {
    'network-acl-id': acl ?? '',
    egress: step.egress ? true : undefined,
    ingress: step.egress ? undefined : true,
    'rule-number': free,
    protocol: '-1',
    'rule-action': 'allow',
    'cidr-block': '0.0.0.0/0',
  })
}
