import { type Check, fail, type Mend, type Outcome, pass, warn } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { allowingRule, decidingEntry, type FarEnd, REPLY_PORT } from '../lab/firewall.ts'
import { handout } from '../lab/lab.ts'
import type { DatabaseSeen, GroupRule, GroupSeen, NetworkSeen, ServerSeen } from '../lab/ports.ts'
import { launchInstance } from '../phases/1-launch-instance.ts'
import { ensureFirewall, ruleText } from '../phases/firewall.ts'
import { anotherServer } from './another-server.ts'
import { inRegion } from './in-region.ts'
import type { Sight, Way } from './sight.ts'

const serverExists: Check<Sight> = {
  id: 'server-exists',
  title: 'The EC2 server exists',
  needs: ['region'],
  async examine({ server, kit }) {
    const seen = await server()
    if (seen) return pass(seen.id)
    const name = kit.record.value.names?.server ?? handout.server
    return fail({
      what: `There is no server of this lab in ${kit.cloud.region}.`,
      why: `No running or stopped instance carries its tags: it was never launched (phase 1), or somebody terminated it.`,
      remedy: {
        say: `Launch ${name}. In the console it would be under EC2, Instances; look at the region at the top right.`,
        run: ['flasklab up'],
      },
    })
  },
}

const serverRunning: Check<Sight> = {
  id: 'server-running',
  title: 'The server runs',
  needs: ['server-exists'],
  async examine(sight) {
    const { id, state, stateReason } = await there(sight.server())
    if (state === 'running') return pass()
    const finding: Finding = {
      what: `The server ${id} is ${state}, not running.`,
      why: `${stateReason === '' ? '' : `${stateReason} `}A server that does not run answers nobody, and loses its public address.`,
      remedy: {
        say: 'Start it (in the console: EC2, Instances, Instance state, Start).',
        run: sight.kit.isHandmade
          ? [`aws ec2 start-instances --instance-ids ${id}${inRegion(sight.kit)}`]
          : ['flasklab up'],
      },
    }
    return fail(finding, remakeServer(sight, `start the server ${id}`))
  },
}

const serverAddress: Check<Sight> = {
  id: 'server-address',
  title: 'The server has a public address',
  needs: ['server-running'],
  async examine({ server, kit }) {
    const { id, address } = await there(server())
    if (address !== undefined) return pass(address)
    return fail({
      what: `The server ${id} runs but has no public address.`,
      why: 'It was launched without one, so nothing outside its VPC can reach it; an address can’t be given to it later but by an Elastic IP, which bills.',
      remedy: anotherServer(id, kit),
    })
  },
}

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

const sshIngress: Check<Sight> = {
  id: 'ssh-ingress',
  title: 'The rules let SSH (22) in from here',
  needs: ['server-address', 'internet-route', 'network-acl'],
  examine: (sight) => ingressFromHere(sight, handout.sshPort, sight.ssh),
}

const webIngress: Check<Sight> = {
  id: 'web-ingress',
  title: 'The rules let the site (5000) in from here',
  needs: ['server-address', 'internet-route', 'network-acl'],
  examine: (sight) => ingressFromHere(sight, handout.sitePort, sight.site),
}

const sameVpc: Check<Sight> = {
  id: 'same-vpc',
  title: 'Server and database are in one VPC',
  needs: ['server-exists', 'db-exists'],
  async examine({ server, database, kit }) {
    const [its, theirs] = [await there(server()), await there(database())]
    if (its.vpcId === theirs.vpcId) return pass(its.vpcId)
    const subnetGroup = kit.record.value.names?.subnetGroup ?? 'SUBNET_GROUP'
    const groups = (await kit.cloud.findGroups(its.vpcId)).filter(({ role }) => role === 'database')
    return fail({
      what: `The server ${its.id} is in ${its.vpcId}, but the database ${theirs.id} is in ${theirs.vpcId}.`,
      why: 'A private database is reached from within its own VPC only, and a rule can’t name a group of another VPC.',
      remedy: {
        say: 'Move the database into the server’s VPC by giving it a subnet group there (in the console: RDS, the database, Modify, Connectivity). It takes some minutes, which the second command waits for.',
        run: [
          `aws rds modify-db-instance --db-instance-identifier ${theirs.id} --db-subnet-group-name ${subnetGroup} --vpc-security-group-ids ${groups[0]?.id ?? 'GROUP_ID'} --apply-immediately${inRegion(kit)}`,
          'flasklab up',
        ],
      },
    })
  },
}

const dbIngress: Check<Sight> = {
  id: 'db-ingress',
  title: 'The database’s rules let the server in',
  needs: ['same-vpc', 'network-acl'],
  async examine(sight) {
    const [server, database] = [await there(sight.server()), await there(sight.database())]
    const groups = await sight.groups()
    const port = database.endpoint?.port ?? handout.databasePort
    const far: FarEnd = { address: server.privateAddress ?? '', groupIds: server.groupIds }
    const rule = allowingRule(rulesOf(groups.database), 'ingress', handout.databasePort, far)
    if (rule !== undefined) return pass(`${rule.id} allows it`)
    const group = await databaseGroup(sight, groups.database)
    const source = await sourceGroup(sight, server)
    const isAttached = groups.database.some(({ id }) => id === group)
    const run = isAttached
      ? `aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port ${handout.databasePort} --source-group ${source}${inRegion(sight.kit)}`
      : `aws rds modify-db-instance --db-instance-identifier ${database.id} --vpc-security-group-ids ${group} --apply-immediately${inRegion(sight.kit)}`
    const finding: Finding = {
      what: isAttached
        ? `No rule of the database’s security group ${names(groups.database)} lets ${server.id} in on port ${handout.databasePort}: it has ${ruleTexts(groups.database, 'ingress')}.`
        : `The database ${database.id} no longer has the lab’s security group ${group}, but ${names(groups.database)}.`,
      why: `MySQL’s packets from ${server.privateAddress ?? server.id} are dropped, so the app waits and gives up ("ERROR 2003 (HY000)", ETIMEDOUT). An app that still works holds a connection that is older than the rule’s change: those are not cut.`,
      remedy: {
        say: `Let the server’s group ${source} in, by its id and not by an address (in the console: EC2, Security Groups, ${group}, Edit inbound rules, MySQL/Aurora).`,
        run: [run],
      },
    }
    return disagreement(await wayToDatabase(sight), finding, `${database.id}:${port}`, ensureRules(sight))
  },
}

const dbEgress: Check<Sight> = {
  id: 'db-egress',
  title: 'The server’s rules let it out to the database',
  needs: ['same-vpc', 'network-acl'],
  async examine(sight) {
    const [server, database] = [await there(sight.server()), await there(sight.database())]
    const groups = await sight.groups()
    const address = addressIn(await sight.network(), database)
    const far: FarEnd = { address, groupIds: database.groupIds }
    const rule = allowingRule(rulesOf(groups.server), 'egress', handout.databasePort, far)
    if (rule !== undefined) return pass(`${rule.id} allows it`)
    const group = groups.server[0]?.id ?? server.groupIds[0] ?? ''
    const target = await databaseGroup(sight, groups.database)
    const finding: Finding = {
      what: `No rule of the server’s security groups ${names(groups.server)} lets it out to the database on port ${handout.databasePort}: they have ${ruleTexts(groups.server, 'egress')}.`,
      why: 'A new group lets everything out; here somebody has taken that away, so the packets never leave the server.',
      remedy: {
        say: `Let it out to the database’s group ${target} (in the console: EC2, Security Groups, ${group}, Edit outbound rules).`,
        run: [
          `aws ec2 authorize-security-group-egress --group-id ${group} --ip-permissions 'IpProtocol=tcp,FromPort=${handout.databasePort},ToPort=${handout.databasePort},UserIdGroupPairs=[{GroupId=${target}}]'${inRegion(sight.kit)}`,
        ],
      },
    }
    return disagreement(await wayToDatabase(sight), finding, database.id, ensureRules(sight))
  },
}

export const networkChecks = [
  serverExists,
  serverRunning,
  serverAddress,
  internetRoute,
  networkAcl,
  sshIngress,
  webIngress,
  sameVpc,
  dbIngress,
  dbEgress,
]

function answersWithoutRoute({ id }: ServerSeen, table: string): Finding {
  return {
    what: `${id} answers SSH, although its route table ${table} shows no route to an internet gateway.`,
    why: 'It is reached another way, by a VPN or a transit gateway; or the change is not carried everywhere yet.',
    remedy: { say: 'Nothing, if that is meant; else compare the route tables in the VPC console.' },
  }
}

/** From here to the server: what the rules say, and whether a new connection is answered. */
async function ingressFromHere(sight: Sight, port: number, knock: () => Promise<Way>): Promise<Outcome> {
  const [server, mine, groups] = await Promise.all([there(sight.server()), sight.myAddress(), sight.groups()])
  const rule = allowingRule(rulesOf(groups.server), 'ingress', port, { address: mine, groupIds: [] })
  const way = await knock()
  if (rule === undefined && way !== 'answers') {
    return fail(noRule(sight, groups.server, port, mine), ensureRules(sight))
  }
  if (rule === undefined) return warn(answersWithoutRule(groups.server, port, mine))
  // Refused is an answer, too: the packets come through, and nobody listens.
  if (way !== 'silent') return pass(`${rule.id} allows ${mine}`)
  if (port === handout.sitePort && (await isSilentAtHome(sight))) {
    return pass(`${rule.id} allows ${mine}; the app is silent on its own server, too`)
  }
  return fail(somethingBetween(server, port, mine, rule))
}

function noRule(sight: Sight, groups: readonly GroupSeen[], port: number, mine: string): Finding {
  const group = groups[0]?.id ?? ''
  const isSsh = port === handout.sshPort
  const from = isSsh ? `${mine}/32` : sight.kit.record.value.allowFrom
  const whyNot = isSsh
    ? 'Your address changes with the network (home, campus, VPN), and the rule still names the former one or is gone: SSH then times out.'
    : 'A browser then waits and says that the site took too long to respond.'
  const connect = isSsh
    ? ` "EC2 Instance Connect" in the browser does not come from your address but from AWS’s: it needs a second rule, with the prefix list com.amazonaws.${sight.kit.cloud.region}.ec2-instance-connect as its source.`
    : ''
  return {
    what: `No rule of the server’s security groups ${names(groups)} lets ${mine} in on port ${port}: they have ${ruleTexts(groups, 'ingress')}.`,
    why: `${whyNot}${connect}`,
    remedy: {
      say: `Add the rule (in the console: EC2, Security Groups, ${group}, Edit inbound rules${isSsh ? ', SSH, My IP' : `, Custom TCP ${port}`}).`,
      run: [
        `aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port ${port} --cidr ${from}${inRegion(sight.kit)}`,
      ],
    },
  }
}

function answersWithoutRule(groups: readonly GroupSeen[], port: number, mine: string): Finding {
  return {
    what: `Port ${port} answers although no rule lets ${mine} in; there is ${ruleTexts(groups, 'ingress')}.`,
    why: 'AWS sees you come from another address than the one that was found out (a VPN or a campus network has several), and one of these rules allows that one.',
    remedy: { say: 'It works as it is. Should it stop to, name the block of addresses with --ssh-from.' },
  }
}

function somethingBetween(server: ServerSeen, port: number, mine: string, rule: GroupRule): Finding {
  return {
    what: `The rule ${rule.id} lets ${mine} in on port ${port}, but ${server.id} does not answer at ${server.address}:${port}.`,
    why: 'Something between drops the packets: your own network blocks the port (many campus networks do), or a VPN or your provider (CGNAT) shows AWS another address than the one that was found out.',
    remedy: {
      say: 'Try another network, a phone’s hotspot for example. Behind a VPN or CGNAT allow the block of addresses that it uses.',
      run: ['flasklab up --ssh-from 203.0.113.0/24'],
    },
  }
}

/** Whether the app says nothing even to its own server: then the way there is not what is wrong. */
async function isSilentAtHome(sight: Sight): Promise<boolean> {
  try {
    return (await sight.health()).text === '' || (await sight.health()).code === 2
  } catch {
    return false
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

/** Forbidden by what is configured, but answered all the same, is a finding of its own. */
function disagreement(way: Way | undefined, finding: Finding, what: string, mend?: Mend): Outcome {
  if (way !== 'answers') return fail(finding, mend)
  return warn({
    what: `${what} answers, although by the configuration it should not: ${finding.what}`,
    why: 'Another rule, a prefix list for example, allows it; or AWS has not carried the change everywhere yet.',
    remedy: finding.remedy,
  })
}

/** Undefined where it can’t be tried, as the server can’t be logged in to. */
async function wayToDatabase(sight: Sight): Promise<Way | undefined> {
  try {
    return await sight.way()
  } catch {
    return undefined
  }
}

function ensureRules(sight: Sight): Mend | undefined {
  // Groups that were made by hand are nobody's but the student's: the remedy says what to type.
  if (sight.kit.isHandmade) return undefined
  return {
    title: 'put the lab’s rules and groups in place',
    async apply() {
      const network = await sight.kit.cloud.findNetwork()
      const groups = await ensureFirewall(network, sight.kit)
      const [server, database] = [await sight.server(), await sight.database()]
      const missing = [groups.web, groups.link].filter((id) => !server?.groupIds.includes(id))
      if (server && missing.length > 0) {
        await sight.kit.cloud.setServerGroups(server.id, [...server.groupIds, ...missing])
      }
      if (database && !database.groupIds.includes(groups.database)) {
        await sight.kit.cloud.setDatabaseGroups(database.id, [...database.groupIds, groups.database])
      }
    },
  }
}

function remakeServer(sight: Sight, title: string): Mend | undefined {
  if (sight.kit.isHandmade) return undefined
  return {
    title,
    async apply() {
      const network = await sight.kit.cloud.findNetwork()
      await launchInstance.make({ network } as never, sight.kit)
    },
  }
}

/** The lab's own group for the database, or else the first that it has. */
async function databaseGroup(sight: Sight, attached: readonly GroupSeen[]): Promise<string> {
  const server = await sight.server()
  const own = (await sight.kit.cloud.findGroups(server?.vpcId ?? '')).find(({ role }) => role === 'database')
  return own?.id ?? attached[0]?.id ?? ''
}

/** The group by which the server is known to the database. */
async function sourceGroup(sight: Sight, server: ServerSeen): Promise<string> {
  const own = (await sight.kit.cloud.findGroups(server.vpcId)).find(({ role }) => role === 'link')
  return own !== undefined && server.groupIds.includes(own.id) ? own.id : (server.groupIds[0] ?? '')
}

function routeTableOf({ routeTables }: NetworkSeen, subnetId: string) {
  return (
    routeTables.find((table) => table.subnetIds.includes(subnetId)) ??
    routeTables.find((table) => table.isMain)
  )
}

/** The subnet in which the database is: of its group, the one in its zone. */
function databaseSubnet({ subnets }: NetworkSeen, { subnetIds, zone }: DatabaseSeen) {
  return subnets.find((subnet) => subnetIds.includes(subnet.id) && subnet.zone === zone)
}

/** RDS tells no private address: one within the database's subnet stands for it. */
function addressIn(layout: NetworkSeen, database: DatabaseSeen): string {
  return databaseSubnet(layout, database)?.cidr.split('/')[0] ?? ''
}

function rulesOf(groups: readonly GroupSeen[]): GroupRule[] {
  return groups.flatMap((group) => group.rules)
}

function names(groups: readonly GroupSeen[]): string {
  return groups.length === 0 ? '(none)' : groups.map(({ id, name }) => `${id} (${name})`).join(', ')
}

function ruleTexts(groups: readonly GroupSeen[], direction: 'ingress' | 'egress'): string {
  const rules = rulesOf(groups).filter((rule) => rule.direction === direction)
  if (rules.length === 0) return `no ${direction === 'ingress' ? 'inbound' : 'outbound'} rule`
  return rules.map(ruleText).join(', ')
}

export async function there<Thing>(seen: Promise<Thing | undefined>): Promise<Thing> {
  const thing = await seen
  if (thing === undefined)
    throw new Error('It was there a moment ago: the check that this one needs has passed.')
  return thing
}
