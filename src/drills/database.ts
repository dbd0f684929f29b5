import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DeleteDBSubnetGroupCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { handout } from '../lab/lab.ts'
import { databaseId, modify } from './change-database.ts'
import type { Drill } from './drill.ts'
import type { DrillContext } from './drill-context.ts'
import { elsewhere, otherSubnetGroup } from './other-network.ts'
import { unless } from './rules.ts'

const { masterUser } = handout

/** Faults of the database itself: where it is, whether it runs, and what it is. */
export const databaseDrills: readonly Drill[] = [
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
      // A database that still stops can't be started.
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
      'The line is about RDS. What may be billed besides hours and storage?',
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
