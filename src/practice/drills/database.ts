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
import { handout } from '../../lab/lab.ts'
import type { Drill } from './drill.ts'
import { allow, EVERYWHERE, fromAddress, fromGroup, myBlock, replace, takeAway, unless } from './rules.ts'
import type { Scene } from './scene.ts'

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
    cause: 'db-ingress',
    async plant(scene) {
      await takeAway(scene, await scene.groupId('database'), 'ingress', databasePort)
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
    cause: 'db-ingress',
    async plant(scene) {
      const peer = fromGroup(await scene.groupId('link'))
      return replace(scene, await scene.groupId('database'), databasePort, { port: databasePort + 1, peer })
    },
    async solve(scene) {
      await takeAway(scene, await scene.groupId('database'), 'ingress', databasePort + 1)
      await allowServer(scene)
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
    cause: 'db-ingress',
    async plant(scene) {
      const group = await scene.groupId('database')
      return replace(scene, group, databasePort, { peer: fromGroup(group) })
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
    cause: 'db-ingress',
    async plant(scene) {
      const peer = fromAddress(await myBlock(scene))
      return replace(scene, await scene.groupId('database'), databasePort, { peer })
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
    cause: 'db-ingress',
    async plant(scene) {
      const { VpcId = '' } = await scene.server()
      const Filters = [
        { Name: 'vpc-id', Values: [VpcId] },
        { Name: 'group-name', Values: ['default'] },
      ]
      const { SecurityGroups: [group] = [] } = await scene.ec2.send(
        new DescribeSecurityGroupsCommand({ Filters }),
      )
      await modify(scene, { VpcSecurityGroupIds: [group?.GroupId ?? ''] })
    },
    async solve(scene) {
      await modify(scene, { VpcSecurityGroupIds: [await scene.groupId('database')] })
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
    cause: 'db-egress',
    async plant(scene) {
      const [web, link] = [await scene.groupId('web'), await scene.groupId('link')]
      for (const group of [web, link]) await takeAway(scene, group, 'egress', databasePort)
      await allow(scene, web, 'egress', 443, fromAddress(EVERYWHERE))
    },
    async solve(scene) {
      const database = fromGroup(await scene.groupId('database'))
      await allow(scene, await scene.groupId('link'), 'egress', databasePort, database)
      await allow(scene, await scene.groupId('web'), 'egress', 'everything', fromAddress(EVERYWHERE))
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
    cause: 'same-vpc',
    async plant(scene) {
      const DBSubnetGroupName = await otherSubnetGroup(scene)
      await modify(scene, { DBSubnetGroupName })
      await untilAvailable(scene)
    },
    async solve(scene) {
      const { VpcId } = await scene.server()
      if ((await scene.database())?.DBSubnetGroup?.VpcId !== VpcId) {
        await modify(scene, {
          DBSubnetGroupName: scene.lab.names?.subnetGroup,
          VpcSecurityGroupIds: [await scene.groupId('database')],
        })
        await untilAvailable(scene)
      }
      const left = new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: elsewhere(scene) })
      await unless(scene.rds.send(left), 'DBSubnetGroupNotFoundFault')
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
    cause: 'db-available',
    async plant(scene) {
      await scene.rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: await databaseId(scene) }))
      await untilStatus('stopped', scene)
    },
    async solve(scene) {
      // One that still stops can't be started.
      await scene.until('the database stands still', async () => (await statusOf(scene)) !== 'stopping')
      if ((await statusOf(scene)) === 'stopped')
        await scene.rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier: await databaseId(scene) }))
      await untilAvailable(scene)
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
    cause: 'db-exists',
    async plant(scene) {
      await deleteDatabase(scene)
    },
    solve: (scene) => scene.goOn(),
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
    cause: 'db-private',
    async plant(scene) {
      await modify(scene, { PubliclyAccessible: true })
    },
    async solve(scene) {
      await modify(scene, { PubliclyAccessible: false })
    },
  },
  {
    id: 'db-old-version',
    level: 'hard',
    symptom: 'Everything works, but the bill has a line that costs more than all the others together.',
    hints: [
      'The line is about RDS. What may be billed besides hours and storage?',
      'A version that is past its standard support goes on for extra money only.',
      'The database runs MySQL 8.0, under Extended Support. Upgrade it to 8.4.',
    ],
    fault: 'The database had been made anew with MySQL 8.0, under paid Extended Support.',
    cause: 'db-support',
    async plant(scene) {
      const former = await scene.database()
      await deleteDatabase(scene)
      await scene.rds.send(
        new CreateDBInstanceCommand({
          DBInstanceIdentifier: former?.DBInstanceIdentifier,
          Engine: 'mysql',
          EngineVersion: '8.0',
          DBInstanceClass: former?.DBInstanceClass,
          AllocatedStorage: former?.AllocatedStorage,
          MasterUsername: masterUser,
          MasterUserPassword: scene.lab.passwords?.master,
          DBSubnetGroupName: former?.DBSubnetGroup?.DBSubnetGroupName,
          VpcSecurityGroupIds: former?.VpcSecurityGroups?.map((group) => group.VpcSecurityGroupId ?? ''),
          PubliclyAccessible: false,
          BackupRetentionPeriod: 0,
          Tags: former?.TagList,
        }),
      )
      await untilAvailable(scene)
      await scene.goOn()
    },
    async solve(scene) {
      // Without one, the phases make one of the version that is supported.
      if ((await statusOf(scene)) !== undefined) {
        await untilAvailable(scene)
        await modify(scene, { EngineVersion: '8.4', AllowMajorVersionUpgrade: true })
        await untilAvailable(scene)
      }
      await scene.goOn()
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
    cause: 'db-login',
    async plant(scene) {
      await modify(scene, { MasterUserPassword: 'Changed-by-someone-1' })
      await untilAvailable(scene)
    },
    async solve(scene) {
      await modify(scene, { MasterUserPassword: scene.lab.passwords?.master })
      await untilAvailable(scene)
    },
  },
]

async function allowServer(scene: Scene): Promise<void> {
  const [group, link] = [await scene.groupId('database'), await scene.groupId('link')]
  await allow(scene, group, 'ingress', databasePort, fromGroup(link))
}

async function renewRule(scene: Scene): Promise<void> {
  await takeAway(scene, await scene.groupId('database'), 'ingress', databasePort)
  await allowServer(scene)
}

async function databaseId(scene: Scene): Promise<string> {
  return (await scene.database())?.DBInstanceIdentifier ?? ''
}

async function modify(scene: Scene, change: Partial<ModifyDBInstanceCommandInput>): Promise<void> {
  const DBInstanceIdentifier = await databaseId(scene)
  await scene.rds.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier, ApplyImmediately: true, ...change }),
  )
}

async function deleteDatabase(scene: Scene): Promise<void> {
  const DBInstanceIdentifier = await databaseId(scene)
  await scene.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }))
  await scene.until('the database is gone', async () => (await scene.database()) === undefined)
}

const untilAvailable = (scene: Scene) => untilStatus('available', scene)

function untilStatus(status: string, scene: Scene): Promise<void> {
  return scene.until(`the database is ${status}`, async () => (await statusOf(scene)) === status)
}

async function statusOf(scene: Scene): Promise<string | undefined> {
  return (await scene.database())?.DBInstanceStatus
}

const elsewhere = (scene: Scene) => `flasklab-elsewhere-${scene.lab.id}`

/** A subnet group in a VPC beside the lab's; it has a name and tags by which cleaning up finds it. */
async function otherSubnetGroup(scene: Scene): Promise<string> {
  const name = elsewhere(scene)
  const VpcId = await otherVpc(scene)
  const SubnetIds: string[] = []
  for (const [index, letter] of ['a', 'b'].entries())
    SubnetIds.push(await otherSubnet(scene, VpcId, `10.0.${index}.0/24`, `${scene.lab.region}${letter}`))
  const input = {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: 'The new network',
    SubnetIds,
    Tags: (await scene.database())?.TagList,
  }
  await unless(scene.rds.send(new CreateDBSubnetGroupCommand(input)), 'DBSubnetGroupAlreadyExists')
  return name
}

async function otherVpc({ ec2 }: Scene): Promise<string> {
  const CidrBlock = '10.0.0.0/16'
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({}))
  const former = Vpcs.find((vpc) => vpc.CidrBlock === CidrBlock)
  const vpc = former ?? (await ec2.send(new CreateVpcCommand({ CidrBlock }))).Vpc
  return vpc?.VpcId ?? ''
}

async function otherSubnet(
  { ec2 }: Scene,
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
