import type {
  DBInstanceAutomatedBackup,
  DBInstanceAutomatedBackupMessage,
  DBSnapshotMessage,
  DeleteDBInstanceAutomatedBackupMessage,
  DeleteDBSnapshotMessage,
  DescribeDBInstanceAutomatedBackupsMessage,
  DescribeDBSnapshotsMessage,
} from '@aws-sdk/client-rds'
import type { Database } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { databaseArn } from './arns.ts'
import { select } from './filters.ts'
import { pageOf } from './paging.ts'

/** The practice cloud keeps no snapshots. */
export function describeDBSnapshots(input: DescribeDBSnapshotsMessage): DBSnapshotMessage {
  if (input.DBSnapshotIdentifier !== undefined) throw snapshotNotFound(input.DBSnapshotIdentifier)
  const none = () => []
  const fields = {
    'db-instance-id': none,
    'db-snapshot-id': none,
    'dbi-resource-id': none,
    engine: none,
    'snapshot-type': none,
  }
  const { items, marker } = pageOf(select<never>([], input.Filters, fields), input)
  return { DBSnapshots: items, Marker: marker }
}

export function deleteDBSnapshot(input: DeleteDBSnapshotMessage): never {
  throw snapshotNotFound(input.DBSnapshotIdentifier)
}

function snapshotNotFound(name = ''): AwsError {
  return new AwsError('DBSnapshotNotFound', `DBSnapshot ${name} not found.`, 404)
}

/** A database has automated backups exactly as long as it keeps any; they go with it. */
export function describeDBInstanceAutomatedBackups(
  input: DescribeDBInstanceAutomatedBackupsMessage,
  call: Call,
): DBInstanceAutomatedBackupMessage {
  const { DbiResourceId: resourceId, DBInstanceIdentifier: id, DBInstanceAutomatedBackupsArn: arn } = input
  const backups = call.region.databases
    .filter(({ backupRetentionDays, status }) => backupRetentionDays > 0 && status !== 'creating')
    .filter((database) => (resourceId ?? database.resourceId) === database.resourceId)
    .filter((database) => (id?.toLowerCase() ?? database.id) === database.id)
    .filter((database) => (arn ?? backupArn(database, call)) === backupArn(database, call))
  const asked = select(backups, input.Filters, {
    'db-instance-id': (database) => [database.id, databaseArn(database, call)],
    'dbi-resource-id': (database) => [database.resourceId],
    status: () => ['active'],
  })
  const { items, marker } = pageOf(asked, input)
  return { DBInstanceAutomatedBackups: items.map((database) => answer(database, call)), Marker: marker }
}

function backupArn({ resourceId }: Database, { cloud, regionName }: Call): string {
  const name = `ab-${resourceId.slice('db-'.length).toLowerCase()}`
  return `arn:aws:rds:${regionName}:${cloud.state.account}:auto-backup:${name}`
}

function answer(database: Database, call: Call): DBInstanceAutomatedBackup {
  return {
    DBInstanceIdentifier: database.id,
    DBInstanceArn: databaseArn(database, call),
    DBInstanceAutomatedBackupsArn: backupArn(database, call),
    DbiResourceId: database.resourceId,
    Region: call.regionName,
    Status: 'active',
    AllocatedStorage: database.storageGib,
    AvailabilityZone: database.zone,
    BackupRetentionPeriod: database.backupRetentionDays,
    BackupTarget: 'region',
    Encrypted: database.encrypted,
    Engine: database.engine,
    EngineVersion: database.engineVersion,
    InstanceCreateTime: new Date(database.createdAt),
    MasterUsername: database.masterUser,
    Port: database.port,
    StorageType: database.storageType,
    VpcId: database.vpcId,
  }
}

/** Always refuses: the practice cloud keeps no backup beyond its database. */
export function deleteDBInstanceAutomatedBackup(
  input: DeleteDBInstanceAutomatedBackupMessage,
  call: Call,
): never {
  const database = call.region.databases.find(
    (candidate) =>
      candidate.backupRetentionDays > 0 &&
      (candidate.resourceId === input.DbiResourceId ||
        backupArn(candidate, call) === input.DBInstanceAutomatedBackupsArn),
  )
  if (database !== undefined) {
    const text = `The automated backup of ${database.id} is active: it goes with its DB instance.`
    throw new AwsError('InvalidDBInstanceAutomatedBackupState', text)
  }
  const name = input.DbiResourceId ?? input.DBInstanceAutomatedBackupsArn ?? ''
  throw new AwsError('DBInstanceAutomatedBackupNotFound', `Automated backup for ${name} not found.`, 404)
}
