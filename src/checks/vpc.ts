import { type Check, fail, pass, warn } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { decidingEntry, REPLY_PORT } from '../lab/firewall.ts'
import { handout } from '../lab/lab.ts'
import type { DatabaseSeen, NetworkSeen, ServerSeen } from '../lab/ports.ts'
import { disagreement } from './disagreement.ts'
import { inRegion } from './in-region.ts'
import { addressIn, databaseSubnet, routeTableOf } from './layout.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

const internetRoute: Check<Sight> = {
  id: 'internet-route',
  title: 'The server’s subnet has a route to the internet',
  needs: ['server-exists'],
  async examine(sight) {
    const { server, network, kit } = sight
    const seen = await there(server())
    const table = routeTableOf(await network(), seen.subnetId)
    const route = table?.routes.find(({ destination }) => destination === '0.0.0.0/0')
    if (route?.isActive === true && route.target.startsWith('igw-')) return pass()
    if ((await sight.ssh().catch(() => undefined)) === 'answers') {
      return warn(answersWithoutRoute(seen, table?.id ?? ''))
    }
    const gateway = (await kit.cloud.internetGateway(seen.vpcId)) ?? 'IGW_ID'
    const verb = route === undefined ? 'create-route' : 'replace-route'
    const present = route === undefined ? 'none' : `one to ${route.target || 'nowhere'}`
    return fail({
      what: `The route table ${table?.id ?? ''} of the subnet ${seen.subnetId} has no working route 0.0.0.0/0 to an internet gateway (it has ${present}).`,
      why: `Packets reach ${seen.id} only by way of the gateway of its VPC, and its answers leave that way.`,
      remedy: {
        say: `Add the route (in the console: VPC, Route tables, ${table?.id ?? ''}, Edit routes).`,
        run: [
          `aws ec2 ${verb} --route-table-id ${table?.id ?? ''} --destination-cidr-block 0.0.0.0/0 --gateway-id ${gateway}${inRegion(kit)}`,
        ],
      },
    })
  },
}

const networkAcl: Check<Sight> = {
  id: 'network-acl',
  title: 'No network ACL stands in the way',
  needs: ['server-exists'],
  async examine(sight) {
    const { server, database, network, myAddress, kit } = sight
    const seen = await there(server())
    const [layout, mine, theirs] = await Promise.all([network(), myAddress(), database()])
    const denial = waysThrough(layout, seen, mine, theirs).find((way) => !isAllowed(layout, way))
    if (denial === undefined) return pass()
    const way = await sight[denial.knock]().catch(() => undefined)
    return disagreement(way, denied(layout, denial, inRegion(kit)), `What ${denial.what} is for`)
  },
}

export const vpcChecks = [internetRoute, networkAcl]

function answersWithoutRoute({ id }: ServerSeen, table: string): Finding {
  return {
    what: `${id} answers SSH, although its route table ${table} shows no route to an internet gateway.`,
    why: 'It is reached another way, by a VPN or a transit gateway; or the change is not carried everywhere yet.',
    remedy: { say: 'Nothing, if that is meant; else compare the route tables in the VPC console.' },
  }
}

interface PathStep {
  readonly subnetId: string
  readonly egress: boolean
  readonly port: number
  readonly address: string
  readonly what: string
  readonly knock: keyof Pick<Sight, 'ssh' | 'site' | 'way'>
}

/** Where packets of the lab pass a network ACL: at the edge of each subnet that they leave or enter. */
function waysThrough(
  layout: NetworkSeen,
  server: ServerSeen,
  mine: string,
  database: DatabaseSeen | undefined,
): PathStep[] {
  const { subnetId } = server
  const fromHere = [handout.sshPort, handout.sitePort].map(
    (port): PathStep => ({
      subnetId,
      egress: false,
      port,
      address: mine,
      what: `port ${port} from ${mine}`,
      knock: port === handout.sshPort ? 'ssh' : 'site',
    }),
  )
  const replies: PathStep = {
    subnetId,
    egress: true,
    port: REPLY_PORT,
    address: mine,
    what: `answers to ${mine} (ports 1024–65535)`,
    knock: 'ssh',
  }
  const theirs = database && databaseSubnet(layout, database)
  if (database === undefined || theirs === undefined || theirs.id === subnetId) return [...fromHere, replies]
  const near = server.privateAddress ?? ''
  const far = addressIn(layout, database)
  const knock = 'way'
  const port = handout.databasePort
  return [
    ...fromHere,
    replies,
    { subnetId, egress: true, port, address: far, what: `MySQL (${port}) to the database`, knock },
    { subnetId: theirs.id, egress: false, port, address: near, what: `MySQL (${port}) from ${near}`, knock },
    { subnetId: theirs.id, egress: true, port: REPLY_PORT, address: near, what: `answers to ${near}`, knock },
    { subnetId, egress: false, port: REPLY_PORT, address: far, what: 'answers of the database', knock },
  ]
}

function aclOf(layout: NetworkSeen, subnetId: string) {
  return layout.acls.find((acl) => acl.subnetIds.includes(subnetId))
}

function isAllowed(layout: NetworkSeen, { subnetId, egress, port, address }: PathStep): boolean {
  const acl = aclOf(layout, subnetId)
  return acl === undefined || decidingEntry(acl.entries, egress, port, address)?.allow === true
}

// AWS's own last entry, which can't be deleted: whatever no other one allows is dropped.
const LAST_ENTRY = 32_767

function denied(layout: NetworkSeen, step: PathStep, inRegion: string): Finding {
  const acl = aclOf(layout, step.subnetId)
  const entries = acl?.entries ?? []
  const entry = decidingEntry(entries, step.egress, step.port, step.address)
  const side = step.egress ? '--egress' : '--ingress'
  const where = `--network-acl-id ${acl?.id ?? ''} ${side}`
  const isOwn = entry !== undefined && entry.number < LAST_ENTRY
  const free = Array.from({ length: 200 }, (_, index) => 100 - index + (index > 99 ? 200 : 0)).find(
    (number) => number > 0 && !entries.some((each) => each.egress === step.egress && each.number === number),
  )
  return {
    what: `The network ACL ${acl?.id ?? ''} of the subnet ${step.subnetId} ${isOwn ? `denies by its ${step.egress ? 'outbound' : 'inbound'} entry ${entry.number}` : 'has no entry that allows'} ${step.what}.`,
    why: 'A network ACL stands before the security groups and knows no connections: both directions need to be allowed, and it cuts what is open, too.',
    remedy: {
      say: `${isOwn ? 'Delete that entry' : 'Add an entry that allows everything, as the default ACL has'} (in the console: VPC, Network ACLs, ${acl?.id ?? ''}).`,
      run: [
        isOwn
          ? `aws ec2 delete-network-acl-entry ${where} --rule-number ${entry.number}${inRegion}`
          : `aws ec2 create-network-acl-entry ${where} --rule-number ${free} --protocol -1 --rule-action allow --cidr-block 0.0.0.0/0${inRegion}`,
      ],
    },
  }
}
