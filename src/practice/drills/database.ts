import { CreateSubnetCommand, CreateVpcCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  CreateDBSubnetGroupCommand,
  DeleteDBInstanceCommand,
  DescribeDBSubnetGroupsCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { handout } from '../../lab/lab.ts'
import type { Drill } from './drill.ts'
import { allow, EVERYWHERE, fromAddress, fromGroup, myBlock, replace, takeAway } from './rules.ts'
import type { Scene } from './scene.ts'

const { databasePort, masterUser, appUser, schema } = handout
const OTHER_PASSWORD = 'Changed-by-someone-1'

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
      return undefined
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
      return undefined
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
      return undefined
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
      return undefined
    },
    async solve(scene) {
      const { VpcId } = await scene.server()
      if ((await scene.database())?.DBSubnetGroup?.VpcId === VpcId) return
      await modify(scene, {
        DBSubnetGroupName: scene.lab.names?.subnetGroup,
        VpcSecurityGroupIds: [await scene.groupId('database')],
      })
      await untilAvailable(scene)
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
      return undefined
    },
    async solve(scene) {
      if ((await scene.database())?.DBInstanceStatus === 'stopped')
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
      return undefined
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
      return undefined
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
      return undefined
    },
    async solve(scene) {
      await modify(scene, { EngineVersion: '8.4', AllowMajorVersionUpgrade: true })
      await untilAvailable(scene)
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
      await modify(scene, { MasterUserPassword: OTHER_PASSWORD })
      await untilAvailable(scene)
      return undefined
    },
    async solve(scene) {
      await modify(scene, { MasterUserPassword: scene.lab.passwords?.master })
      await untilAvailable(scene)
    },
  },
  sqlDrill({
    id: 'app-password',
    level: 'medium',
    symptom: 'Since the app was restarted, registering says: Back in a moment. Before, all was well.',
    hints: [
      'The database answers. What does it answer to the app?',
      'Look at what the app writes to its journal about access.',
      'The database has another password for flaskapp than the app’s settings.',
    ],
    fault: 'The database had another password for the app’s user.',
    cause: 'db-login',
    spoil: `ALTER USER ${appUser}@'%' IDENTIFIED BY '${OTHER_PASSWORD}' REQUIRE SSL;`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'app-user-dropped',
    level: 'hard',
    symptom: 'A tidy colleague removed database accounts "that nobody uses by hand". Logins fail since then.',
    hints: [
      'Who uses an account, if not by hand?',
      'SELECT User FROM mysql.user shows who is left.',
      'The user flaskapp, by which the app logs in to MySQL, is gone.',
    ],
    fault: 'The app’s own database user had been dropped.',
    cause: 'db-login',
    spoil: `DROP USER ${appUser}@'%';`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'table-dropped',
    level: 'easy',
    symptom: 'Everybody’s account is gone, and nobody can register again.',
    hints: [
      'Where does the app keep its accounts?',
      'Look into the database on the server: mysql, then SHOW TABLES.',
      'The table users is gone.',
    ],
    fault: 'The table users had been dropped.',
    cause: 'db-schema',
    spoil: `DROP TABLE ${schema}.users;`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'schema-dropped',
    level: 'medium',
    symptom: 'The app says that it can’t; "mysql" on the server says: Unknown database.',
    hints: [
      'Is the name of the RDS instance the name of a database in it?',
      'SHOW DATABASES tells which there are.',
      'The database flaskdb was dropped, with its table.',
    ],
    fault: 'The database flaskdb had been dropped.',
    cause: 'db-schema',
    spoil: `DROP DATABASE ${schema};`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'column-renamed',
    level: 'medium',
    symptom: 'Registering ends with "Something went wrong" since somebody made the table "more readable".',
    hints: [
      'The app is as it was, the table is not.',
      'Compare DESCRIBE users with the schema of phase 6.',
      'The column password_hash is called something else now.',
    ],
    fault: 'The column password_hash had been renamed.',
    cause: 'db-schema',
    // What an earlier drill has left of it would be in the way.
    spoil: [
      `ALTER TABLE ${schema}.users DROP COLUMN IF EXISTS secret;`,
      `ALTER TABLE ${schema}.users CHANGE password_hash secret VARCHAR(255) NULL;`,
    ].join('\n'),
    mend: () =>
      [
        `ALTER TABLE ${schema}.users ADD COLUMN IF NOT EXISTS password_hash VARCHAR(255) NOT NULL;`,
        `ALTER TABLE ${schema}.users DROP COLUMN IF EXISTS secret;`,
      ].join('\n'),
  }),
  sqlDrill({
    id: 'grant-revoked',
    level: 'hard',
    symptom: 'Who has an account can log in. New visitors can’t register.',
    hints: [
      'Reading works, and writing does not. For whom?',
      'SHOW GRANTS shows what a user of the database may do.',
      'flaskapp has lost the right to INSERT into users.',
    ],
    fault: 'The app’s user had lost the right to INSERT.',
    cause: 'db-schema',
    spoil: `REVOKE INSERT ON ${schema}.users FROM ${appUser}@'%';`,
    mend: userSql,
  }),
]

interface SqlDrill extends Omit<Drill, 'plant' | 'solve'> {
  readonly spoil: string
  readonly mend: (scene: Scene) => string
}

function sqlDrill({ spoil, mend, ...drill }: SqlDrill): Drill {
  return {
    ...drill,
    async plant(scene) {
      await scene.sql(spoil)
      return undefined
    },
    solve: async (scene) => scene.sql(mend(scene)),
  }
}

/** What phase 6 makes, the app's user and its rights included. */
function userSql({ lab }: Scene): string {
  const user = `${appUser}@'%'`
  const identified = `IDENTIFIED BY '${lab.passwords?.app}' REQUIRE SSL`
  return [
    `CREATE DATABASE IF NOT EXISTS ${schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;`,
    `CREATE TABLE IF NOT EXISTS ${schema}.users (`,
    '  id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE,',
    '  password_hash VARCHAR(255) NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
    ') ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_520_ci;',
    `CREATE USER IF NOT EXISTS ${user} ${identified};`,
    `ALTER USER ${user} ${identified};`,
    `GRANT SELECT, INSERT, UPDATE (password_hash) ON ${schema}.users TO ${user};`,
  ].join('\n')
}

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
  return scene.until(
    `the database is ${status}`,
    async () => (await scene.database())?.DBInstanceStatus === status,
  )
}

/** A subnet group in a VPC beside the lab's; it carries the lab's tags, so that cleaning up finds it. */
async function otherSubnetGroup({ ec2, rds, ...scene }: Scene): Promise<string> {
  const name = `${scene.lab.names?.subnetGroup}-elsewhere`
  const { DBSubnetGroups = [] } = await rds.send(new DescribeDBSubnetGroupsCommand({}))
  if (DBSubnetGroups.some(({ DBSubnetGroupName }) => DBSubnetGroupName === name)) return name
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  const SubnetIds: string[] = []
  for (const [index, letter] of ['a', 'b'].entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: Vpc?.VpcId,
        CidrBlock: `10.0.${index}.0/24`,
        AvailabilityZone: `${scene.lab.region}${letter}`,
      }),
    )
    SubnetIds.push(Subnet?.SubnetId ?? '')
  }
  const Tags = (await scene.database())?.TagList
  await rds.send(
    new CreateDBSubnetGroupCommand({
      DBSubnetGroupName: name,
      DBSubnetGroupDescription: 'The new network',
      SubnetIds,
      Tags,
    }),
  )
  return name
}
