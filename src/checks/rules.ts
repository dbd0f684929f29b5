import { type Check, fail, type Mend, type Outcome, pass, warn } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { allowingRule, type FarEnd } from '../lab/firewall.ts'
import { handout } from '../lab/lab.ts'
import type { GroupRule, GroupSeen, ServerSeen } from '../lab/ports.ts'
import { ensureFirewall, ruleText } from '../phases/firewall.ts'
import { disagreement } from './disagreement.ts'
import { inRegion } from './in-region.ts'
import { addressIn } from './layout.ts'
import type { Sight, Way } from './sight.ts'
import { there } from './there.ts'

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
        say: isAttached
          ? `Let the server’s group ${source} in, by its id and not by an address (in the console: EC2, Security Groups, ${group}, Edit inbound rules, MySQL/Aurora).`
          : `Give the database its group ${group} again, whose rules let the server in (in the console: RDS, ${database.id}, Modify, Connectivity).`,
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

export const ruleChecks = [sshIngress, webIngress, sameVpc, dbIngress, dbEgress]

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
