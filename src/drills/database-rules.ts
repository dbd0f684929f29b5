import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2'
import { handout } from '../lab/lab.ts'
import { modify } from './change-database.ts'
import type { Drill } from './drill.ts'
import type { DrillContext } from './drill-context.ts'
import { allow, EVERYWHERE, fromAddress, fromGroup, myBlock, replace, takeAway } from './rules.ts'

const { databasePort } = handout

/** Faults of the rules between the server and the database. */
export const databaseRuleDrills: readonly Drill[] = [
  {
    id: 'db-rule-gone',
    level: 'easy',
    symptom: 'After a restart the app waits and waits: it can’t reach its database.',
    hints: [
      'It waits: nobody refuses it. What drops packets without a word?',
      'Which packets reach the database is said by its security group.',
      'The database’s group has no rule for 3306 any more.',
    ],
    fault: 'The rule that lets the server into the database had been revoked.',
    expectedCheck: 'db-ingress',
    async plant(context) {
      await takeAway(context, await context.groupId('database'), 'ingress', databasePort)
    },
    solve: allowServer,
  },
  {
    id: 'db-rule-port',
    level: 'medium',
    symptom:
      'I typed the rule for MySQL once more, so that it is nice. "mysql" on the server hangs since then.',
    hints: [
      'A rule that was typed can hold a typing error.',
      'Which port does MySQL use, and which one does the rule open?',
      'The rule opens 3307 instead of 3306.',
    ],
    fault: 'The database’s rule opened port 3307 instead of 3306.',
    expectedCheck: 'db-ingress',
    async plant(context) {
      const peer = fromGroup(await context.groupId('link'))
      return replace(context, await context.groupId('database'), databasePort, {
        port: databasePort + 1,
        peer,
      })
    },
    async solve(context) {
      await takeAway(context, await context.groupId('database'), 'ingress', databasePort + 1)
      await allowServer(context)
    },
  },
  {
    id: 'db-rule-wrong-group',
    level: 'hard',
    symptom:
      'The database’s group lets 3306 in from a security group, as in the handout. Nothing comes through.',
    hints: [
      'A rule that names a group lets in what carries that group. Who carries it?',
      'Compare the id in the rule with the groups of the server.',
      'The rule names the database’s own group: it lets the database talk to itself.',
    ],
    fault: 'The database’s rule named its own group instead of the server’s.',
    expectedCheck: 'db-ingress',
    async plant(context) {
      const group = await context.groupId('database')
      return replace(context, group, databasePort, { peer: fromGroup(group) })
    },
    solve: renewRule,
  },
  {
    id: 'db-rule-my-ip',
    level: 'medium',
    symptom: 'In the console I chose "My IP" for MySQL, as for SSH. The app does not reach the database.',
    hints: [
      'Who connects to the database: you, or somebody else?',
      'The app runs on the server, and the server comes from an address of its own.',
      'The rule lets your laptop in. It must name the server’s group.',
    ],
    fault: 'The database’s rule let the laptop in, and not the server.',
    expectedCheck: 'db-ingress',
    async plant(context) {
      const peer = fromAddress(await myBlock(context))
      return replace(context, await context.groupId('database'), databasePort, { peer })
    },
    solve: renewRule,
  },
  {
    id: 'db-group-swapped',
    level: 'hard',
    symptom:
      'All three security groups are exactly as in the handout. The database does not answer the server.',
    hints: [
      'A rule in a group is worth something only where the group is worn.',
      'Look at the database: which groups does it carry?',
      'It carries the VPC’s default group in place of the one with the rule.',
    ],
    fault: 'The database carried the VPC’s default security group instead of the lab’s.',
    expectedCheck: 'db-ingress',
    async plant(context) {
      const { VpcId = '' } = await context.server()
      const Filters = [
        { Name: 'vpc-id', Values: [VpcId] },
        { Name: 'group-name', Values: ['default'] },
      ]
      const { SecurityGroups: [group] = [] } = await context.ec2.send(
        new DescribeSecurityGroupsCommand({ Filters }),
      )
      await modify(context, { VpcSecurityGroupIds: [group?.GroupId ?? ''] })
    },
    async solve(context) {
      await modify(context, { VpcSecurityGroupIds: [await context.groupId('database')] })
    },
  },
  {
    id: 'egress-hardened',
    level: 'hard',
    symptom:
      'A security scan wanted "less open outbound rules", and got them. The app can’t reach its database.',
    hints: [
      'The database’s group is as it was. Who else has a word?',
      'Packets must be let out, before anybody lets them in.',
      'The server’s groups let out 443 only; 3306 to the database is missing.',
    ],
    fault: 'The server’s groups let nothing out but port 443.',
    expectedCheck: 'db-egress',
    async plant(context) {
      const [web, link] = [await context.groupId('web'), await context.groupId('link')]
      for (const group of [web, link]) await takeAway(context, group, 'egress', databasePort)
      await allow(context, web, 'egress', 443, fromAddress(EVERYWHERE))
    },
    async solve(context) {
      const database = fromGroup(await context.groupId('database'))
      await allow(context, await context.groupId('link'), 'egress', databasePort, database)
      await allow(context, await context.groupId('web'), 'egress', 'everything', fromAddress(EVERYWHERE))
    },
  },
]

async function allowServer(context: DrillContext): Promise<void> {
  const [group, link] = [await context.groupId('database'), await context.groupId('link')]
  await allow(context, group, 'ingress', databasePort, fromGroup(link))
}

async function renewRule(context: DrillContext): Promise<void> {
  await takeAway(context, await context.groupId('database'), 'ingress', databasePort)
  await allowServer(context)
}
