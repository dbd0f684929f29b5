import type { ModifyDBInstanceMessage, ModifyDBInstanceResult } from '@aws-sdk/client-rds'
import { freePrivateAddress } from '../ec2/addresses.ts'
import type { Database, PendingChanges } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { databaseNamed } from './describe-instances.ts'
import { engineVersion } from './engine-versions.ts'
import { recordEvent } from './events.ts'
import { invalidCombination, wrongState } from './faults.ts'
import { databaseAnswer } from './instance-answer.ts'
import { becomeAvailable, pass } from './instances.ts'
import * as settings from './settings.ts'
import { subnetGroupFor, subnetIn } from './subnet-groups.ts'

type Move = NonNullable<PendingChanges['move']>

const supported = [
  'AllocatedStorage',
  'AllowMajorVersionUpgrade',
  'ApplyImmediately',
  'BackupRetentionPeriod',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBSubnetGroupName',
  'DeletionProtection',
  'EngineVersion',
  'MasterUserPassword',
  'PubliclyAccessible',
  'VpcSecurityGroupIds',
]

export function modifyDBInstance(input: ModifyDBInstanceMessage, call: Call): ModifyDBInstanceResult {
  refuseUnsupported(input, supported)
  const database = databaseNamed(input.DBInstanceIdentifier, call.region, call)
  if (database.status === 'stopped')
    throw wrongState(`You can't modify a stopped DB instance: ${database.id}.`)
  if (database.status !== 'available') throw wrongState('Database instance is not in available state.')
  const changes = changesIn(input, database, call)
  const password = input.MasterUserPassword
  if (password !== undefined) settings.masterPassword(password)
  applyAtOnce(
    changes.move === undefined ? input : { ...input, VpcSecurityGroupIds: undefined },
    database,
    call,
  )
  const pending = { ...database.pending, ...changes }
  delete database.pending
  if (Object.keys(pending).length > 0) {
    if (input.ApplyImmediately === true) apply(pending, password, database, call)
    else database.pending = pending
  }
  if (password !== undefined && database.status === 'available') resetPassword(password, database, call)
  return {
    DBInstance: databaseAnswer(database, call, password === undefined ? {} : { MasterUserPassword: '****' }),
  }
}

/** Groups, protection and public access never wait for a maintenance window. */
function applyAtOnce(input: ModifyDBInstanceMessage, database: Database, { region }: Call): void {
  const { VpcSecurityGroupIds: groups, DeletionProtection: protect, PubliclyAccessible: open } = input
  const groupIds =
    groups === undefined ? database.groupIds : settings.groupsFor(groups, database.vpcId, region)
  if (open === true) settings.refuseWithoutGateway(database.vpcId, region)
  database.groupIds = groupIds
  database.deletionProtection = protect ?? database.deletionProtection
  database.publiclyAccessible = open ?? database.publiclyAccessible
}

function changesIn(input: ModifyDBInstanceMessage, database: Database, call: Call): PendingChanges {
  const { DBInstanceClass: name, AllocatedStorage: gib, BackupRetentionPeriod: days } = input
  if (gib !== undefined && gib < database.storageGib) {
    throw invalidCombination(
      `Invalid storage size: ${gib}. It can't be less than the current ${database.storageGib} GiB.`,
    )
  }
  return {
    ...(name === undefined || name === database.class ? {} : { class: settings.databaseClass(name) }),
    ...(gib === undefined || gib === database.storageGib
      ? {}
      : { storageGib: settings.storageSize(gib, database.storageType) }),
    ...(days === undefined || days === database.backupRetentionDays
      ? {}
      : { backupRetentionDays: settings.backupRetention(days) }),
    ...upgradeIn(input, database),
    ...moveIn(input, database, call),
  }
}

function upgradeIn(input: ModifyDBInstanceMessage, database: Database): PendingChanges {
  const { EngineVersion: asked, AllowMajorVersionUpgrade: isMajorAllowed } = input
  if (asked === undefined) return {}
  const [from, to] = [engineVersion(database.engineVersion), engineVersion(asked)]
  if (to.full === from.full) return {}
  if (to.full < from.full) {
    throw invalidCombination(
      `Cannot upgrade mysql from ${from.full} to ${to.full}. Specify a valid target version.`,
    )
  }
  if (to.major === from.major || isMajorAllowed === true) return { engineVersion: to.full }
  throw invalidCombination(
    'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
  )
}

/** A subnet group of another VPC moves the database there; one of its own can't be chosen. */
function moveIn(input: ModifyDBInstanceMessage, database: Database, call: Call): PendingChanges {
  if (input.DBSubnetGroupName === undefined) return {}
  const { region } = call
  const group = subnetGroupFor(input.DBSubnetGroupName, call)
  if (group.vpcId === database.vpcId) {
    throw new AwsError(
      'InvalidVPCNetworkStateFault',
      `You cannot move DB instance ${database.id} to subnet group ${group.name}. The specified DB subnet group and DB instance are in the same VPC. Choose a DB subnet group in different VPC than the specified DB instance and try again.`,
    )
  }
  if (input.PubliclyAccessible ?? database.publiclyAccessible)
    settings.refuseWithoutGateway(group.vpcId, region)
  const groupIds = settings.groupsFor(input.VpcSecurityGroupIds, group.vpcId, region)
  return { move: { subnetGroup: group.name, groupIds } }
}

function apply(changes: PendingChanges, password: string | undefined, database: Database, call: Call): void {
  const { cloud, region } = call
  const { move, ...others } = changes
  const through = move ? 'moving-to-vpc' : changes.engineVersion ? 'upgrading' : 'modifying'
  pass(cloud, region, database, {
    through,
    takes: cloud.pace.databaseChange,
    done: () => {
      Object.assign(database, others)
      if (move !== undefined) moveTo(move, database, call)
      becomeAvailable(cloud, region, database, 'Finished applying modification to the DB instance')
      if (password !== undefined) resetPassword(password, database, call)
    },
  })
}

function moveTo({ subnetGroup, groupIds }: Move, database: Database, call: Call): void {
  const group = subnetGroupFor(subnetGroup, call)
  const subnet = subnetIn(group, undefined, call)
  Object.assign(database, {
    subnetGroup,
    groupIds: [...groupIds],
    vpcId: group.vpcId,
    zone: subnet.zone,
    privateAddress: freePrivateAddress(call.region, subnet),
  })
}

function resetPassword(password: string, database: Database, { cloud, region }: Call): void {
  pass(cloud, region, database, {
    through: 'resetting-master-credentials',
    takes: cloud.pace.databaseChange,
    work: () => cloud.engines.setMasterPassword(database, password),
    done: () => becomeAvailable(cloud, region, database, 'Reset master credentials'),
    failed: (reason) => {
      recordEvent(region, database, `Unable to reset your password. Error information: ${reason}`)
      becomeAvailable(cloud, region, database, 'The master credentials are unchanged')
    },
  })
}
