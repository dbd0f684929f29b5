import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  CreateDBSubnetGroupCommand,
  DeleteDBInstanceCommand,
  DeleteDBSubnetGroupCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { handout } from '../lab/lab.ts'
import type { Drill } from './drill.ts'
import type { DrillContext } from './drill-context.ts'
import { allow, EVERYWHERE, fromAddress, fromGroup, myBlock, replace, takeAway, unless } from './rules.ts'

const { databasePort, masterUser } = handout

export const databaseDrills: readonly Drill[] = [
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
      'What was typed can hold a typing error.',
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
  {
    id: 'db-other-vpc',
    level: 'hard',
    symptom: 'The database was "moved to the new network". It is available, and the server can’t reach it.',
    hints: [
      'Where is the new network, and where is the server?',
      'A private database is reached from within its own VPC only.',
      'Server and database are in different VPCs. A subnet group of the server’s VPC takes the database back.',
    ],
    fault: 'The database had been moved into another VPC.',
    expectedCheck: 'same-vpc',
    async plant(context) {
      const DBSubnetGroupName = await otherSubnetGroup(context)
      await modify(context, { DBSubnetGroupName })
      await untilAvailable(context)
    },
    async solve(context) {
      const { VpcId } = await context.server()
      if ((await context.database())?.DBSubnetGroup?.VpcId !== VpcId) {
        await modify(context, {
          DBSubnetGroupName: context.lab.names?.subnetGroup,
          VpcSecurityGroupIds: [await context.groupId('database')],
        })
        await untilAvailable(context)
      }
      const left = new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: elsewhere(context) })
      await unless(context.rds.send(left), 'DBSubnetGroupNotFoundFault')
    },
  },
  {
    id: 'db-stopped',
    level: 'easy',
    symptom: 'The pages open, but nobody can register or log in: "Back in a moment."',
    hints: [
      'The pages come from the server. What comes from elsewhere?',
      'RDS shows in which state the database is.',
      'The database is stopped.',
    ],
    fault: 'Somebody had stopped the database.',
    expectedCheck: 'db-available',
    async plant(context) {
      await context.rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: await databaseId(context) }))
      await untilStatus('stopped', context)
    },
    async solve(context) {
      // One that still stops can't be started.
      await context.until('the database stands still', async () => (await statusOf(context)) !== 'stopping')
      if ((await statusOf(context)) === 'stopped')
        await context.rds.send(
          new StartDBInstanceCommand({ DBInstanceIdentifier: await databaseId(context) }),
        )
      await untilAvailable(context)
    },
  },
  {
    id: 'db-deleted',
    level: 'hard',
    symptom: 'To save money somebody deleted "what costs most". Every login fails.',
    hints: [
      'What costs most in this lab?',
      'Look at the list of databases in RDS.',
      'The database is gone, and what was in it. Create it again, with its table.',
    ],
    fault: 'The database had been deleted.',
    expectedCheck: 'db-exists',
    async plant(context) {
      await deleteDatabase(context)
    },
    solve: (context) => context.goOn(),
  },
  {
    id: 'db-public',
    level: 'medium',
    symptom: 'Everything works, but the auditors write: "Your database has an address on the internet."',
    hints: [
      'Nothing is broken. It is a matter of who could knock.',
      'RDS has a switch that gives a database a public address.',
      'The database is publicly accessible: switch that off.',
    ],
    fault: 'The database had been made publicly accessible.',
    expectedCheck: 'db-private',
    async plant(context) {
      await modify(context, { PubliclyAccessible: true })
    },
    async solve(context) {
      await modify(context, { PubliclyAccessible: false })
    },
  },
  {
    id: 'db-old-version',
    level: 'hard',
    symptom: 'Everything works, but the bill has a line that costs more than all the others together.',
    hints: [
      'The line is about RDS. What may be billed otherLabs hours and storage?',
      'A version that is past its standard support goes on for extra money only.',
      'The database runs MySQL 8.0, under Extended Support. Upgrade it to 8.4.',
    ],
    fault: 'The database had been made anew with MySQL 8.0, under paid Extended Support.',
    expectedCheck: 'db-support',
    async plant(context) {
      const former = await context.database()
      await deleteDatabase(context)
      await context.rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: former?.DBInstanceIdentifier,
          Engine: 'mysql',
          EngineVersion: '8.0',
          DBInstanceClass: former?.DBInstanceClass,
          AllocatedStorage: former?.AllocatedStorage,
          MasterUsername: masterUser,
          MasterUserPassword: context.lab.passwords?.master,
          DBSubnetGroupName: former?.DBSubnetGroup?.DBSubnetGroupName,
          VpcSecurityGroupIds: former?.VpcSecurityGroups?.map((group) => group.VpcSecurityGroupId ?? ''),
          PubliclyAccessible: false,
          BackupRetentionPeriod: 0,
          Tags: former?.TagList,
        }),
      )
      await untilAvailable(context)
      await context.goOn()
    },
    async solve(context) {
      // Without one, the phases make one of the version that is supported.
      if ((await statusOf(context)) !== undefined) {
        await untilAvailable(context)
        await modify(context, { EngineVersion: '8.4', AllowMajorVersionUpgrade: true })
        await untilAvailable(context)
      }
      await context.goOn()
    },
  },
  {
    id: 'master-password',
    level: 'medium',
    symptom: 'The site works. When I open the database as admin it says: Access denied for user.',
    hints: [
      'The site works, so the database does. Who is refused?',
      'The app has a user of its own; you came as the master user.',
      'The master password was changed. RDS sets a new one without asking for the old.',
    ],
    fault: 'Somebody had changed the master password.',
    expectedCheck: 'db-login',
    async plant(context) {
      await modify(context, { MasterUserPassword: 'Changed-by-someone-1' })
      await untilAvailable(context)
    },
    async solve(context) {
      await modify(context, { MasterUserPassword: context.lab.passwords?.master })
      await untilAvailable(context)
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

async function databaseId(context: DrillContext): Promise<string> {
  return (await context.database())?.DBInstanceIdentifier ?? ''
}

async function modify(context: DrillContext, change: Partial<ModifyDBInstanceCommandInput>): Promise<void> {
  const DBInstanceIdentifier = await databaseId(context)
  await context.rds.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier, ApplyImmediately: true, ...change }),
  )
}

async function deleteDatabase(context: DrillContext): Promise<void> {
  const DBInstanceIdentifier = await databaseId(context)
  await context.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }))
  await context.until('the database is gone', async () => (await context.database()) === undefined)
}

const untilAvailable = (context: DrillContext) => untilStatus('available', context)

function untilStatus(status: string, context: DrillContext): Promise<void> {
  return context.until(`the database is ${status}`, async () => (await statusOf(context)) === status)
}

async function statusOf(context: DrillContext): Promise<string | undefined> {
  return (await context.database())?.DBInstanceStatus
}

const elsewhere = (context: DrillContext) => `flasklab-elsewhere-${context.lab.id}`

/** A subnet group in a VPC beside the lab's; it has a name and tags by which cleaning up finds it. */
async function otherSubnetGroup(context: DrillContext): Promise<string> {
  const name = elsewhere(context)
  const VpcId = await otherVpc(context)
  const SubnetIds: string[] = []
  for (const [index, letter] of ['a', 'b'].entries())
    SubnetIds.push(await otherSubnet(context, VpcId, `10.0.${index}.0/24`, `${context.lab.region}${letter}`))
  const input = {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: 'The new network',
    SubnetIds,
    Tags: (await context.database())?.TagList,
  }
  await unless(context.rds.send(new CreateDBSubnetGroupCommand(input)), 'DBSubnetGroupAlreadyExists')
  return name
}

async function otherVpc({ ec2 }: DrillContext): Promise<string> {
  const CidrBlock = '10.0.0.0/16'
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}))
  const former = Vpcs.find((vpc) => vpc.CidrBlock === CidrBlock)
  const vpc = former ?? (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc
  return vpc?.VpcId ?? ''
}

async function otherSubnet(
  { ec2 }: DrillContext,
  VpcId: string,
  CidrBlock: string,
  AvailabilityZone: string,
): Promise<string> {
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }))
  const former = Subnets.find((subnet) => subnet.CidrBlock === CidrBlock)
  const subnet =
    former ?? (await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }))).Subnet
  return subnet?.SubnetId ?? ''
}
