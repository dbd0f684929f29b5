import { type Check, pass } from '../../lab/check.ts'
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
import { groupsText, rulesOf, ruleTexts } from './rule-texts.ts'
import { addressIn } from './vpc-layout.ts'

type Seen = Looks<'server' | 'database' | 'groups' | 'ownGroups' | 'network' | 'databaseFromServer'>

export const dbEgress: Check<Seen> = {
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
    return failUnlessItAnswers(
      await evidence.databaseFromServer().catch(() => undefined),
      finding,
      database.id,
      ensureRules(evidence),
    )
  },
}

async function noWayOut(evidence: Seen): Promise<Finding> {
  const { server: groups } = await evidence.groups()
  const { group, source } = await groupPair(evidence)
  return {
    what: `No rule of the server’s security groups ${groupsText(groups)} lets it out to the database on port ${handout.databasePort}: they have ${ruleTexts(groups, 'egress')}.`,
    why: 'A new group lets everything out; here somebody has taken that away, so the packets never leave the server.',
    remedy:
      group === undefined || source === undefined
        ? await makePair(evidence)
        : {
            say: `Let it out to the database’s group ${group} (in the console: EC2, Security Groups, ${source}, Edit outbound rules).`,
            run: [
              aws(evidence.lab.region, 'ec2', 'authorize-security-group-egress', {
                'group-id': source,
                'ip-permissions': {
                  IpProtocol: 'tcp',
                  FromPort: handout.databasePort,
                  ToPort: handout.databasePort,
                  UserIdGroupPairs: [{ GroupId: group }],
                },
              }),
            ],
          },
  }
}
