import type {
  DeleteDBInstanceMessage,
  DeleteDBInstanceResult,
  RebootDBInstanceMessage,
  RebootDBInstanceResult,
  StartDBInstanceMessage,
  StartDBInstanceResult,
  StopDBInstanceMessage,
  StopDBInstanceResult,
} from '@aws-sdk/client-rds'
import type { Database, DatabaseStatus } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { databaseNamed } from './describe-instances.ts'
import { invalidCombination, wrongState } from './faults.ts'
import { databaseAnswer } from './instance-answer.ts'
import { destroyEngine, restartEngine, startEngine, stopEngine } from './instances.ts'

export function startDBInstance(input: StartDBInstanceMessage, call: Call): StartDBInstanceResult {
  const database = inStatus(['stopped'], input.DBInstanceIdentifier, call)
  startEngine(call.cloud, call.region, database)
  return { DBInstance: databaseAnswer(database, call) }
}

export function stopDBInstance(input: StopDBInstanceMessage, call: Call): StopDBInstanceResult {
  refuseFinalSnapshot(input.DBSnapshotIdentifier)
  const database = inStatus(['available'], input.DBInstanceIdentifier, call)
  stopEngine(call.cloud, call.region, database)
  return { DBInstance: databaseAnswer(database, call) }
}

export function rebootDBInstance(input: RebootDBInstanceMessage, call: Call): RebootDBInstanceResult {
  if (input.ForceFailover === true) {
    throw invalidCombination(
      'Force failover cannot be specified since the instance is not configured for MultiAZ.',
    )
  }
  const database = inStatus(['available'], input.DBInstanceIdentifier, call)
  restartEngine(call.cloud, call.region, database)
  return { DBInstance: databaseAnswer(database, call) }
}

function inStatus(allowed: readonly DatabaseStatus[], name: string | undefined, call: Call): Database {
  const database = databaseNamed(name, call.region, call)
  if (allowed.includes(database.status)) return database
  throw wrongState(`Instance ${database.id} is not in ${allowed.join(' or ')} state.`)
}

export function deleteDBInstance(input: DeleteDBInstanceMessage, call: Call): DeleteDBInstanceResult {
  const database = databaseNamed(input.DBInstanceIdentifier, call.region, call)
  refuseBadSnapshotWish(input)
  if (database.status === 'deleting') throw wrongState(`Instance ${database.id} is already being deleted.`)
  if (database.deletionProtection) {
    throw invalidCombination(
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    )
  }
  if (!['available', 'failed', 'stopped'].includes(database.status)) {
    throw wrongState(`Instance ${database.id} is currently ${database.status} and cannot be deleted.`)
  }
  refuseFinalSnapshot(input.FinalDBSnapshotIdentifier)
  destroyEngine(call.cloud, call.region, database)
  return { DBInstance: databaseAnswer(database, call) }
}

function refuseBadSnapshotWish(input: DeleteDBInstanceMessage): void {
  const { SkipFinalSnapshot: skip = false, FinalDBSnapshotIdentifier: name } = input
  if (skip && name !== undefined) {
    throw invalidCombination(
      'FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is enabled.',
    )
  }
  if (!skip && name === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.')
  }
}

function refuseFinalSnapshot(name: string | undefined): void {
  if (name === undefined) return
  throw new AwsError(
    'SnapshotQuotaExceeded',
    `The practice cloud keeps no snapshots: ${name} can't be made. Ask to skip the snapshot.`,
  )
}
