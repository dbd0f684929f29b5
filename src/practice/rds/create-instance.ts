import { randomInt } from 'node:crypto'
import type { CreateDBInstanceMessage, CreateDBInstanceResult } from '@aws-sdk/client-rds'
import { refuseDatabase } from '../account.ts'
import { newId } from '../cloud.ts'
import { freePrivateAddress } from '../ec2/addresses.ts'
import type { Database } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { lifecycleSupportFor, refuseUnknownGroups } from './engine-settings.ts'
import { engineVersion } from './engine-versions.ts'
import { invalidCombination, invalidValue } from './faults.ts'
import { databaseAnswer } from './instance-answer.ts'
import { createEngine } from './instances.ts'
import * as settings from './settings.ts'
import { subnetGroupFor, subnetIn } from './subnet-groups.ts'
import { tagsFrom } from './tags.ts'

export function createDBInstance(input: CreateDBInstanceMessage, call: Call): CreateDBInstanceResult {
  const { cloud, region } = call
  refuseUnsupported(input, supported)
  refuseSwitchedOn(input)
  const id = settings.identifier(input.DBInstanceIdentifier)
  if (region.databases.some((database) => database.id === id)) {
    throw new AwsError('DBInstanceAlreadyExists', 'DB instance already exists')
  }
  refuseDatabase(input.BackupRetentionPeriod ?? 1, call)
  const password = settings.masterPassword(input.MasterUserPassword)
  const database = databaseOf(id, input, call)
  region.databases.push(database)
  createEngine(cloud, region, database, password)
  return { DBInstance: databaseAnswer(database, call, { MasterUserPassword: '****' }) }
}

const supported = [
  'AllocatedStorage',
  'AutoMinorVersionUpgrade',
  'AvailabilityZone',
  'BackupRetentionPeriod',
  'CACertificateIdentifier',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBName',
  'DBParameterGroupName',
  'DBSubnetGroupName',
  'DeletionProtection',
  'EnableIAMDatabaseAuthentication',
  'EnablePerformanceInsights',
  'Engine',
  'EngineLifecycleSupport',
  'EngineVersion',
  'Iops',
  'LicenseModel',
  'ManageMasterUserPassword',
  'MasterUsername',
  'MasterUserPassword',
  'MonitoringInterval',
  'MultiAZ',
  'NetworkType',
  'OptionGroupName',
  'Port',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'PubliclyAccessible',
  'StorageEncrypted',
  'StorageThroughput',
  'StorageType',
  'Tags',
  'VpcSecurityGroupIds',
]

/** Refuses features that a client may ask to leave off, and the practice cloud can't switch on. */
function refuseSwitchedOn(input: CreateDBInstanceMessage): void {
  const names = [
    'EnableIAMDatabaseAuthentication',
    'EnablePerformanceInsights',
    'ManageMasterUserPassword',
    'MultiAZ',
  ] as const
  const on = names.find((name) => input[name] === true)
  if (on !== undefined) throw invalidCombination(`The practice cloud does not support ${on}.`)
  if ((input.MonitoringInterval ?? 0) !== 0) {
    throw invalidCombination(
      'A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.',
    )
  }
  if ((input.NetworkType ?? 'IPV4') !== 'IPV4') {
    throw invalidCombination('The practice cloud supports the network type IPV4 only.')
  }
}

function databaseOf(id: string, input: CreateDBInstanceMessage, call: Call): Database {
  const { region } = call
  if (input.Engine !== 'mysql') throw invalidValue(`Invalid DB engine: ${input.Engine}`)
  const version = engineVersion(input.EngineVersion)
  const lifecycleSupport = lifecycleSupportFor(version, input.EngineLifecycleSupport)
  const masterUser = settings.masterUser(input.MasterUsername)
  const databaseName = databaseNameIn(input)
  const storageType = settings.storageType(input.StorageType)
  const storageGib = settings.storageSize(input.AllocatedStorage, storageType)
  settings.refuseProvisionedSpeed(input, storageGib)
  refuseUnknownGroups(input, version)
  const port = portIn(input)
  const tags = tagsFrom(input.Tags)
  const databaseClass = settings.databaseClass(input.DBInstanceClass)
  const backupRetentionDays = settings.backupRetention(input.BackupRetentionPeriod ?? 1)
  const subnetGroup = subnetGroupFor(input.DBSubnetGroupName, call)
  const subnet = subnetIn(subnetGroup, input.AvailabilityZone, call)
  // The trap of the API: without a subnet group a database is public unless it is told not to be.
  const publiclyAccessible = input.PubliclyAccessible ?? subnetGroup.name === 'default'
  if (publiclyAccessible) settings.refuseWithoutGateway(subnetGroup.vpcId, region)
  const now = Date.now()
  return {
    id,
    resourceId: newResourceId(),
    engine: 'mysql',
    engineVersion: version.full,
    lifecycleSupport,
    masterUser,
    databaseName,
    port,
    createdAt: now,
    subnetGroup: subnetGroup.name,
    vpcId: subnetGroup.vpcId,
    zone: subnet.zone,
    privateAddress: freePrivateAddress(region, subnet),
    interfaceId: newId('eni'),
    class: databaseClass,
    storageType,
    storageGib,
    encrypted: input.StorageEncrypted ?? false,
    status: 'creating',
    since: now,
    publiclyAccessible,
    backupRetentionDays,
    deletionProtection: input.DeletionProtection ?? false,
    groupIds: settings.groupsFor(input.VpcSecurityGroupIds, subnetGroup.vpcId, region),
    tags,
  }
}

function databaseNameIn({ DBName: name }: CreateDBInstanceMessage): string | undefined {
  if (name === undefined || /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/.test(name)) return name
  throw invalidValue(`DBName must begin with a letter and contain only alphanumeric characters.`)
}

function portIn({ Port: port = 3306 }: CreateDBInstanceMessage): number {
  if (Number.isInteger(port) && port >= 1150 && port <= 65535) return port
  throw invalidValue(`Invalid database port: ${port}. Must be between 1150 and 65535.`)
}

/** As RDS writes them: `db-` and 26 letters and digits. */
function newResourceId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return `db-${Array.from({ length: 26 }, () => letters.charAt(randomInt(letters.length))).join('')}`
}
