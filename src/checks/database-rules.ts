import type { Way } from '../host/commands.ts'
import { type Check, pass, warn } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { allowingRule, type FarEnd } from '../lab/firewall.ts'
import { handout } from '../lab/lab.ts'
import { disagreement } from './disagreement.ts'
import {
  databaseLacksGroup,
  ensureRules,
  groupsText,
  groupToOpen,
  rulesOf,
  ruleTexts,
  serverLacksGroups,
} from './groups.ts'
import { inRegion } from './in-region.ts'
import { addressIn } from './layout.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'
import { openToAll } from './wide-rules.ts'

const dbIngress: Check<Sight> = {
  id: 'db-ingress',
  title: 'The database’s rules let the server in',
  needs: ['same-vpc', 'network-acl'],
  async examine(sight) {
    const [server, database] = [await there(sight.server()), await there(sight.database())]
    const groups = await sight.groups()
    const far: FarEnd = { address: server.privateAddress ?? '', groupIds: server.groupIds }
    const rule = allowingRule(rulesOf(groups.database), 'ingress', handout.databasePort, far)
    const wide = openToAll(groups.database, handout.databasePort, far, sight.kit)
    if (rule !== undefined) return wide ? warn(wide) : pass(`${rule.id} allows it`)
    const finding =
      (await databaseLacksGroup(sight)) ?? (await serverLacksGroups(sight, 'link')) ?? (await noWayIn(sight))
    const port = database.endpoint?.port ?? handout.databasePort
    return disagreement(await wayToDatabase(sight), finding, `${database.id}:${port}`, ensureRules(sight))
  },
}

async function noWayIn(sight: Sight): Promise<Finding> {
  const server = await there(sight.server())
  const { database: groups } = await sight.groups()
  const { group, source } = await pairOf(sight)
  return {
    what: `No rule of the database’s security group ${groupsText(groups)} lets ${server.id} in on port ${handout.databasePort}: it has ${ruleTexts(groups, 'ingress')}.`,
    why: `MySQL’s packets from ${server.privateAddress ?? server.id} are dropped, so the app waits and gives up ("ERROR 2003 (HY000)", ETIMEDOUT). An app that still works holds a connection that is older than the rule’s change: those are not cut.`,
    remedy:
      group === undefined || source === undefined
        ? await makePair(sight)
        : {
            say: `Let the server’s group ${source} in, by its id and not by an address (in the console: EC2, Security Groups, ${group}, Edit inbound rules, MySQL/Aurora).`,
            run: [
              `aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port ${handout.databasePort} --source-group ${source}${inRegion(sight.kit)}`,
            ],
          },
  }
}

const dbEgress: Check<Sight> = {
  id: 'db-egress',
  title: 'The server’s rules let it out to the database',
  needs: ['same-vpc', 'network-acl'],
  async examine(sight) {
    const database = await there(sight.database())
    const groups = await sight.groups()
    const address = addressIn(await sight.network(), database)
    const far: FarEnd = { address, groupIds: database.groupIds }
    const rule = allowingRule(rulesOf(groups.server), 'egress', handout.databasePort, far)
    if (rule !== undefined) return pass(`${rule.id} allows it`)
    const finding =
      (await databaseLacksGroup(sight)) ?? (await serverLacksGroups(sight, 'link')) ?? (await noWayOut(sight))
    return disagreement(await wayToDatabase(sight), finding, database.id, ensureRules(sight))
  },
}

async function noWayOut(sight: Sight): Promise<Finding> {
  const { server: groups } = await sight.groups()
  const { group, source } = await pairOf(sight)
  return {
    what: `No rule of the server’s security groups ${groupsText(groups)} lets it out to the database on port ${handout.databasePort}: they have ${ruleTexts(groups, 'egress')}.`,
    why: 'A new group lets everything out; here somebody has taken that away, so the packets never leave the server.',
    remedy:
      group === undefined || source === undefined
        ? await makePair(sight)
        : {
            say: `Let it out to the database’s group ${group} (in the console: EC2, Security Groups, ${source}, Edit outbound rules).`,
            run: [
              `aws ec2 authorize-security-group-egress --group-id ${source} --ip-permissions 'IpProtocol=tcp,FromPort=${handout.databasePort},ToPort=${handout.databasePort},UserIdGroupPairs=[{GroupId=${group}}]'${inRegion(sight.kit)}`,
            ],
          },
  }
}

export const databaseRuleChecks = [dbIngress, dbEgress]

/** The group of the database, and that of the server by which it is known there; both are attached. */
async function pairOf(sight: Sight): Promise<{ readonly group?: string; readonly source?: string }> {
  const [own, attached] = [await sight.ownGroups(), await sight.groups()]
  const group = (own.database ?? groupToOpen(attached.database))?.id
  const source = (own.link ?? groupToOpen(attached.server, true))?.id
  return { ...(group === undefined ? {} : { group }), ...(source === undefined ? {} : { source }) }
}

/** The default group is no group of theirs: a rule in it would hold for all that nobody gave a group. */
async function makePair(sight: Sight): Promise<Finding['remedy']> {
  const [server, database] = [await there(sight.server()), await there(sight.database())]
  return {
    say: `Leave the default group of the VPC as it is, and let RDS make a pair of groups for the two (in the console: RDS, ${database.id}, Actions, Set up EC2 connection, ${server.id}).`,
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
