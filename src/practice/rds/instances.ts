import type { Cloud } from '../cloud.ts'
import type { Database, DatabaseStatus, RegionState } from '../state.ts'
import { recordEvent } from './events.ts'

/** A status that a database passes through, the work behind it, and what follows when that is done. */
interface Transition {
  readonly through: DatabaseStatus
  readonly takes: number
  work?(): Promise<void>
  done(): void
  /** Without it a failure of the work is the end of the database. */
  failed?(reason: string): void
}

/** Enters a status now and leaves it when its work and its time are over. */
export function pass(cloud: Cloud, region: RegionState, database: Database, transition: Transition): void {
  enter(cloud, database, transition.through)
  const worked = failureOf(transition.work)
  cloud.schedule(transition.takes, async () => {
    const reason = await worked
    if (database.status !== transition.through) return
    if (reason === undefined) transition.done()
    else if (transition.failed === undefined) fail(cloud, region, database, reason)
    else transition.failed(reason)
    cloud.save()
  })
}

export function createEngine(
  cloud: Cloud,
  region: RegionState,
  database: Database,
  masterPassword: string,
): void {
  pass(cloud, region, database, {
    through: 'creating',
    takes: cloud.pace.databaseCreate,
    work: () => cloud.engines.create(database, masterPassword),
    done: () => {
      recordEvent(region, database, 'DB instance created')
      if (database.backupRetentionDays > 0) backUp(cloud, region, database)
      else enter(cloud, database, 'available')
    },
  })
}

function backUp(cloud: Cloud, region: RegionState, database: Database): void {
  recordEvent(region, database, 'Backing up DB instance')
  pass(cloud, region, database, {
    through: 'backing-up',
    takes: cloud.pace.databaseChange,
    done: () => {
      recordEvent(region, database, 'Finished DB Instance backup')
      enter(cloud, database, 'available')
    },
  })
}

export function startEngine(cloud: Cloud, region: RegionState, database: Database): void {
  pass(cloud, region, database, {
    through: 'starting',
    takes: cloud.pace.databaseChange,
    work: () => cloud.engines.start(database),
    done: () => becomeAvailable(cloud, region, database, 'DB instance started'),
  })
}

export function stopEngine(cloud: Cloud, region: RegionState, database: Database): void {
  pass(cloud, region, database, {
    through: 'stopping',
    takes: cloud.pace.databaseChange,
    work: () => cloud.engines.stop(database.resourceId),
    done: () => {
      recordEvent(region, database, 'DB instance stopped')
      enter(cloud, database, 'stopped')
    },
  })
}

export function restartEngine(cloud: Cloud, region: RegionState, database: Database): void {
  pass(cloud, region, database, {
    through: 'rebooting',
    takes: cloud.pace.databaseChange,
    work: async () => {
      await cloud.engines.stop(database.resourceId)
      await cloud.engines.start(database)
    },
    done: () => becomeAvailable(cloud, region, database, 'DB instance restarted'),
  })
}

export function destroyEngine(cloud: Cloud, region: RegionState, database: Database): void {
  const forget = () => {
    recordEvent(region, database, 'DB instance deleted')
    region.databases = region.databases.filter((other) => other !== database)
  }
  pass(cloud, region, database, {
    through: 'deleting',
    takes: cloud.pace.databaseDelete,
    work: () => cloud.engines.destroy(database.resourceId),
    done: forget,
    failed: (reason) => {
      cloud.log(`${database.resourceId} could not be removed whole: ${reason}`)
      forget()
    },
  })
}

export function becomeAvailable(cloud: Cloud, region: RegionState, database: Database, event: string): void {
  recordEvent(region, database, event)
  enter(cloud, database, 'available')
}

/** For the data plane: the engine of a database ended and can't be brought back. */
export function databaseFailed(cloud: Cloud, resourceId: string, reason: string): void {
  for (const region of Object.values(cloud.state.regions)) {
    const database = region.databases.find((candidate) => candidate.resourceId === resourceId)
    if (database !== undefined && database.status !== 'deleting') fail(cloud, region, database, reason)
  }
}

function fail(cloud: Cloud, region: RegionState, database: Database, reason: string): void {
  cloud.log(`${database.resourceId} failed: ${reason}`)
  recordEvent(region, database, `The DB instance has failed: ${reason}`)
  enter(cloud, database, 'failed')
}

/** Drives on what a stop of the practice cloud interrupted, and starts again what was there. */
export function resumeDatabases(cloud: Cloud): void {
  for (const region of Object.values(cloud.state.regions)) {
    for (const database of region.databases) resume(cloud, region, database)
  }
}

function resume(cloud: Cloud, region: RegionState, database: Database): void {
  switch (database.status) {
    case 'creating': {
      const reason =
        'The practice cloud was stopped while it made this database. Delete it and create it again.'
      return fail(cloud, region, database, reason)
    }
    case 'deleting':
      return destroyEngine(cloud, region, database)
    case 'stopping':
      return stopEngine(cloud, region, database)
    case 'resetting-master-credentials':
      recordEvent(region, database, 'The reset of the master password was interrupted. Reset it again.')
      return startEngine(cloud, region, database)
    case 'available':
      return startAgain(cloud, region, database)
    case 'failed':
    case 'stopped':
      return
    default:
      return startEngine(cloud, region, database)
  }
}

/** The database stays "available" meanwhile: AWS shows no sign of such a restart either. */
function startAgain(cloud: Cloud, region: RegionState, database: Database): void {
  cloud.schedule(0, async () => {
    const reason = await failureOf(() => cloud.engines.start(database))
    if (reason !== undefined) fail(cloud, region, database, reason)
  })
}

function enter(cloud: Cloud, database: Database, status: DatabaseStatus): void {
  database.status = status
  database.since = Date.now()
  cloud.save()
}

async function failureOf(work: (() => Promise<void>) | undefined): Promise<string | undefined> {
  try {
    await work?.()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
