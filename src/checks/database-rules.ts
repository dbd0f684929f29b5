import type { Reachability } from '../host/commands.ts'
import { type Check, pass, warn } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import type { Finding } from '../lab/finding.ts'
import { inRegion } from '../lab/in-region.ts'
import { handout } from '../lab/lab.ts'
import { allowingRule, type FarEnd } from '../net/firewall.ts'
import { disagreement } from './disagreement.ts'
import type { Evidence } from './evidence.ts'
import {
  databaseLacksGroup,
  ensureRules,
  groupsText,
  groupToOpen,
  rulesOf,
  ruleTexts,
  serverLacksGroups,
} from './groups.ts'
import { addressIn } from './layout.ts'
import { openToAll } from './wide-rules.ts'

const dbIngress: Check<Evidence> = {
  id: 'db-ingress',
  title: 'The database’s rules let the server in',
  needs: ['same-vpc', 'network-acl'],
  async examine(evidence) {
    const [server, database] = [await expectFound(evidence.server()), await expectFound(evidence.database())]
    const groups = await evidence.groups()
    const far: FarEnd = { address: server.privateAddress ?? '', groupIds: server.groupIds }
    const rule = allowingRule(rulesOf(groups.database), 'ingress', handout.databasePort, far)
    const wide = openToAll(groups.database, handout.databasePort, far, evidence.kit)
    if (rule !== undefined) return wide ? warn(wide) : pass(`${rule.id} allows it`)
    const finding =
      (await databaseLacksGroup(evidence)) ??
      (await serverLacksGroups(evidence, 'link')) ??
      (await noWayIn(evidence))
    const port = database.endpoint?.port ?? handout.databasePort
    return disagreement(
      await wayToDatabase(evidence),
      finding,
      `${database.id}:${port}`,
      ensureRules(evidence),
    )
  },
}

async function noWayIn(evidence: Evidence): Promise<Finding> {
  const server = await expectFound(evidence.server())
  const { database: groups } = await evidence.groups()
  const { group, source } = await pairOf(evidence)
  return {
    what: `No rule of the database’s security group ${groupsText(groups)} lets ${server.id} in on port ${handout.databasePort}: it has ${ruleTexts(groups, 'ingress')}.`,
    why: `MySQL’s packets from ${server.privateAddress ?? server.id} are dropped, so the app waits and gives up ("ERROR 2003 (HY000)", ETIMEDOUT). An app that still works holds a connection that is older than the rule’s change: those are not cut.`,
    remedy:
      group === undefined || source === undefined
        ? await makePair(evidence)
        : {
            say: `Let the server’s group ${source} in, by its id and not by an address (in the console: EC2, Security Groups, ${group}, Edit inbound rules, MySQL/Aurora).`,
            run: [
              `aws ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port ${handout.databasePort} --source-group ${source}${inRegion(evidence.kit)}`,
            ],
          },
  }
}

const dbEgress: Check<Evidence> = {
  id: 'db-egress',
  title: 'The server’s rules let it out to the database',
  needs: ['same-vpc', 'network-acl'],
  async examine(evidence) {
    const database = await expectFound(evidence.database())
    const groups = await evidence.groups()
    const address = addressIn(await evidence.network(), database)
    const far: FarEnd = { address, groupIds: database.groupIds }
    const rule = allowingRule(rulesOf(groups.server), 'egress', handout.databasePort, far)
    if (rule !== undefined) return pass(`${rule.id} allows it`)
    const finding =
      (await databaseLacksGroup(evidence)) ??
      (await serverLacksGroups(evidence, 'link')) ??
      (await noWayOut(evidence))
    return disagreement(await wayToDatabase(evidence), finding, database.id, ensureRules(evidence))
  },
}

async function noWayOut(evidence: Evidence): Promise<Finding> {
  const { server: groups } = await evidence.groups()
  const { group, source } = await pairOf(evidence)
  return {
    what: `No rule of the server’s security groups ${groupsText(groups)} lets it out to the database on port ${handout.databasePort}: they have ${ruleTexts(groups, 'egress')}.`,
    why: 'A new group lets everything out; here somebody has taken that away, so the packets never leave the server.',
    remedy:
      group === undefined || source === undefined
        ? await makePair(evidence)
        : {
            say: `Let it out to the database’s group ${group} (in the console: EC2, Security Groups, ${source}, Edit outbound rules).`,
            run: [
              `aws ec2 authorize-security-group-egress --group-id ${source} --ip-permissions 'IpProtocol=tcp,FromPort=${handout.databasePort},ToPort=${handout.databasePort},UserIdGroupPairs=[{GroupId=${group}}]'${inRegion(evidence.kit)}`,
            ],
          },
  }
}

export const databaseRuleChecks = [dbIngress, dbEgress]

/** The group of the database, and that of the server by which it is known there; both are attached. */
async function pairOf(evidence: Evidence): Promise<{ readonly group?: string; readonly source?: string }> {
  const [own, attached] = [await evidence.ownGroups(), await evidence.groups()]
  const group = (own.database ?? groupToOpen(attached.database))?.id
  const source = (own.link ?? groupToOpen(attached.server, true))?.id
  return { ...(group === undefined ? {} : { group }), ...(source === undefined ? {} : { source }) }
}

/** The default group is no group of theirs: a rule in it would hold for all that nobody gave a group. */
async function makePair(evidence: Evidence): Promise<Finding['remedy']> {
  const [server, database] = [await expectFound(evidence.server()), await expectFound(evidence.database())]
  return {
    say: `Leave the default group of the VPC as it is, and let RDS make a pair of groups for the two (in the console: RDS, ${database.id}, Actions, Set up EC2 connection, ${server.id}).`,
  }
}

/** Undefined where it can’t be tried, as the server can’t be logged in to. */
async function wayToDatabase(evidence: Evidence): Promise<Reachability | undefined> {
  try {
    return await evidence.databaseFromServer()
  } catch {
    return undefined
  }
}
