import type { ChildProcess } from 'node:child_process'
import type { CloudGround } from '../cloud.ts'
import type { Places } from '../paths.ts'
import type { Database } from '../state.ts'
import { asAdmin } from './accounts.ts'
import { lastWords, spawnEngine } from './engine-programs.ts'

const START_MS = 20_000
const STOP_MS = 10_000
const RESTARTS_ALLOWED = 3

/** Keeps the engines of all databases running. */
export interface EngineRuns {
  /** Starts the engine and waits until it answers for the first time; from then on a failure is reported. */
  launch(database: Database): Promise<void>
  stop(resourceId: string): Promise<void>
}

interface Running {
  process: ChildProcess | undefined
  /** Whether that process has answered. */
  isUp: boolean
  wanted: boolean
}

interface Surroundings {
  readonly places: Places
  readonly log: CloudGround['log']
  /** An engine that was up ends for good. */
  failed(database: Database, reason: string): void
}

export function createEngineRuns(surroundings: Surroundings): EngineRuns {
  const running = new Map<string, Running>()
  return {
    launch(database) {
      const own: Running = { process: undefined, isUp: false, wanted: true }
      running.set(database.resourceId, own)
      return new Promise((resolve, reject) => {
        let wasUp = false
        const up = () => {
          wasUp = true
          resolve()
        }
        keepRunning(database, own, up, surroundings).then(resolve, (error: Error) => {
          own.wanted = false
          if (wasUp) surroundings.failed(database, error.message)
          else reject(error)
        })
      })
    },
    async stop(resourceId) {
      const own = running.get(resourceId)
      running.delete(resourceId)
      if (own === undefined) return
      own.wanted = false
      // While it starts, MariaDB is deaf to SIGTERM, and nobody has given it anything to keep.
      if (own.process !== undefined) await end(own.process, own.isUp ? 'SIGTERM' : 'SIGKILL')
    },
  }
}

/** Starts an engine again whenever it ends by itself, a few times a minute; ends with it when it is stopped. */
async function keepRunning(
  database: Database,
  own: Running,
  up: () => void,
  { places, log }: Surroundings,
): Promise<void> {
  let crashes: number[] = []
  while (own.wanted) {
    const child = spawnEngine(database, places, log)
    Object.assign(own, { process: child, isUp: false })
    // Listened for from its first moment on: an engine may end at any time, also before it has answered.
    const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
    own.isUp = await answers(database, child, places)
    if (own.isUp) up()
    await ended
    if (!own.wanted) return
    const words = lastWords(places.database(database.resourceId))
    log(`engine of ${database.id} ended by itself: ${words}`)
    crashes = [...crashes, Date.now()].filter((at) => at > Date.now() - 60_000)
    if (crashes.length > RESTARTS_ALLOWED) throw new Error(`The engine ended again and again: ${words}`)
  }
}

/** Waits for an engine's first answer: true when it came, false when the engine has ended before. */
async function answers(database: Database, child: ChildProcess, places: Places): Promise<boolean> {
  const deadline = Date.now() + START_MS
  while (isRunning(child)) {
    try {
      await asAdmin(database, places, async (connection) => connection.ping())
      return true
    } catch (error) {
      if (Date.now() > deadline) {
        child.kill('SIGKILL')
        throw error
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return false
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal)
  const deadline = Date.now() + STOP_MS
  while (isRunning(child)) {
    if (Date.now() > deadline) child.kill('SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
