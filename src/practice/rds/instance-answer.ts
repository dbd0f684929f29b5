import type { DBInstance, PendingModifiedValues } from '@aws-sdk/client-rds'
import type { Database } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { databaseArn } from './arns.ts'
import { subnetGroupAnswer } from './subnet-groups.ts'
import { tagListOf } from './tags.ts'

const YEAR = 365 * 24 * 3_600_000
const SEVEN_DAYS = 7 * 24 * 3_600_000
const CERTIFICATE_AUTHORITY = 'rds-ca-rsa2048-g1'

/** A database as RDS tells it. `beginning` is what the answered request has only just set going. */
export function databaseAnswer(
  database: Database,
  call: Call,
  beginning: PendingModifiedValues = {},
): DBInstance {
  const { pending = {} } = database
  return {
    DBInstanceIdentifier: database.id,
    DBInstanceArn: databaseArn(database, call),
    DbiResourceId: database.resourceId,
    DBInstanceClass: database.class,
    DBInstanceStatus: database.status,
    Engine: database.engine,
    EngineVersion: database.engineVersion,
    EngineLifecycleSupport: database.lifecycleSupport,
    LicenseModel: 'general-public-license',
    MasterUsername: database.masterUser,
    DBName: database.databaseName,
    InstanceCreateTime: database.status === 'creating' ? undefined : new Date(database.createdAt),
    AutomaticRestartTime: database.status === 'stopped' ? new Date(database.since + SEVEN_DAYS) : undefined,
    PendingModifiedValues: {
      DBInstanceClass: pending.class,
      AllocatedStorage: pending.storageGib,
      BackupRetentionPeriod: pending.backupRetentionDays,
      DBSubnetGroupName: pending.move?.subnetGroup,
      EngineVersion: pending.engineVersion,
      ...beginning,
    },
    TagList: tagListOf(database.tags),
    ...networkOf(database, call),
    ...storageOf(database),
    ...upkeepOf(database),
  }
}

function networkOf(database: Database, call: Call): DBInstance {
  const { region, cloud } = call
  const port = cloud.state.ports[`${database.resourceId}:${database.port}`]
  const group = region.subnetGroups.find(({ name }) => name === database.subnetGroup)
  return {
    AvailabilityZone: database.zone,
    DBSubnetGroup: group && subnetGroupAnswer(group, call),
    // The port is known once the engine has been made, as the address is on AWS.
    Endpoint:
      port === undefined ? undefined : { Address: 'localhost', Port: port, HostedZoneId: 'Z2R2ITUGPM61AM' },
    DbInstancePort: 0,
    MultiAZ: false,
    NetworkType: 'IPV4',
    PubliclyAccessible: database.publiclyAccessible,
    DBSecurityGroups: [],
    VpcSecurityGroups: database.groupIds.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
  }
}

function storageOf(database: Database): DBInstance {
  const isGp3 = database.storageType === 'gp3'
  return {
    AllocatedStorage: database.storageGib,
    StorageType: database.storageType,
    StorageEncrypted: database.encrypted,
    Iops: isGp3 ? 3000 : undefined,
    StorageThroughput: isGp3 ? 125 : undefined,
  }
}

function upkeepOf(database: Database): DBInstance {
  const major = database.engineVersion.split('.').slice(0, 2).join('.')
  return {
    AutoMinorVersionUpgrade: true,
    BackupRetentionPeriod: database.backupRetentionDays,
    BackupTarget: 'region',
    CACertificateIdentifier: CERTIFICATE_AUTHORITY,
    CertificateDetails: {
      CAIdentifier: CERTIFICATE_AUTHORITY,
      ValidTill: new Date(database.createdAt + YEAR),
    },
    CopyTagsToSnapshot: true,
    CustomerOwnedIpEnabled: false,
    DBParameterGroups: [{ DBParameterGroupName: `default.mysql${major}`, ParameterApplyStatus: 'in-sync' }],
    DedicatedLogVolume: false,
    DeletionProtection: database.deletionProtection,
    DomainMemberships: [],
    IAMDatabaseAuthenticationEnabled: false,
    MonitoringInterval: 0,
    OptionGroupMemberships: [
      { OptionGroupName: `default:mysql-${major.replace('.', '-')}`, Status: 'in-sync' },
    ],
    PerformanceInsightsEnabled: false,
    PreferredBackupWindow: '04:00-04:30',
    PreferredMaintenanceWindow: 'sun:06:00-sun:06:30',
    ReadReplicaDBInstanceIdentifiers: [],
  }
}
