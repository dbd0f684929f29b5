import { type Check, pass, warn } from '../../lab/check.ts'
import { aws } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { allowingRule, type FarEnd } from '../../net/firewall.ts'
import type { Looks } from '../evidence.ts'
import { ensureRules } from './ensure-rules.ts'
import { failUnlessItAnswers } from './fail-unless-it-answers.ts'
import { groupPair, makePair } from './group-pair.ts'
import { databaseLacksGroup, serverLacksGroups } from './missing-groups.ts'
import { openToAll } from './open-to-all.ts'
import { groupsText, rulesOf, ruleTexts } from './rule-texts.ts'

type Seen = Looks<'server' | 'database' | 'groups' | 'ownGroups' | 'databaseFromServer'>

export const dbIngress: Check<Seen> = {
  id: 'db-ingress',
  title: 'The database’s rules let the server in',
  needs: ['same-vpc', 'network-acl'],
  async examine(evidence) {
    const [server, database] = [await expectFound(evidence.server()), await expectFound(evidence.database())]
    const groups = await evidence.groups()
    const far: FarEnd = { address: server.privateAddress ?? '', groupIds: server.groupIds }
    const rule = allowingRule(rulesOf(groups.database), 'ingress', handout.databasePort, far)
    const wide = openToAll(groups.database, handout.databasePort, far, evidence.lab.region)
    if (rule !== undefined) return wide ? warn(wide) : pass(`${rule.id} allows it`)
    const finding =
      (await databaseLacksGroup(evidence)) ??
      (await serverLacksGroups(evidence, 'link')) ??
      (await noWayIn(evidence))
    const port = database.endpoint?.port ?? handout.databasePort
    return failUnlessItAnswers(
      await evidence.databaseFromServer().catch(() => undefined),
      finding,
      `${database.id}:${port}`,
      ensureRules(evidence),
    )
  },
}

async function noWayIn(evidence: Seen): Promise<Finding> {
  const server = await expectFound(evidence.server())
  const { database: groups } = await evidence.groups()
  const { group, source } = await groupPair(evidence)
  return {
    what: `No rule of the database’s security group ${groupsText(groups)} lets ${server.id} in on port ${handout.databasePort}: it has ${ruleTexts(groups, 'ingress')}.`,
    why: `MySQL’s packets from ${server.privateAddress ?? server.id} are dropped, so the app waits and gives up ("ERROR 2003 (HY000)", ETIMEDOUT). An app that still works holds a connection that is older than the rule’s change: those are not cut.`,
    remedy:
      group === undefined || source === undefined
        ? await makePair(evidence)
        : {
            say: `Let the server’s group ${source} in, by its id and not by an address (in the console: EC2, Security Groups, ${group}, Edit inbound rules, MySQL/Aurora).`,
            run: [
              aws(evidence.lab.region, 'ec2', 'authorize-security-group-ingress', {
                'group-id': group,
                protocol: 'tcp',
                port: handout.databasePort,
                'source-group': source,
              }),
            ],
          },
  }
}
