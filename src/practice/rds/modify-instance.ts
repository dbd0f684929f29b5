import type { ModifyDBInstanceMessage, ModifyDBInstanceResult } from '@aws-sdk/client-rds'
import type { Database, PendingChanges } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { databaseNamed } from './describe-instances.ts'
import { recordEvent } from './events.ts'
import { invalidCombination, wrongState } from './faults.ts'
import { databaseAnswer } from './instance-answer.ts'
import { becomeAvailable, pass } from './instances.ts'
import * as settings from './settings.ts'

const supported = [
  'AllocatedStorage',
  'ApplyImmediately',
  'BackupRetentionPeriod',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DeletionProtection',
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
  const changes = changesIn(input, database)
  const password = input.MasterUserPassword
  if (password !== undefined) settings.masterPassword(password)
  applyAtOnce(input, database, call)
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

function changesIn(input: ModifyDBInstanceMessage, database: Database): PendingChanges {
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
  }
}

function apply(changes: PendingChanges, password: string | undefined, database: Database, call: Call): void {
  const { cloud, region } = call
  pass(cloud, region, database, {
    through: 'modifying',
    takes: cloud.pace.databaseChange,
    done: () => {
      Object.assign(database, changes)
      becomeAvailable(cloud, region, database, 'Finished applying modification to the DB instance')
      if (password !== undefined) resetPassword(password, database, call)
    },
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
