import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { parseEnvFile } from '../../formats/env-file.ts'
import { signal } from '../processes.ts'
import type { Disk } from './disk.ts'
import type { Journal } from './journal.ts'
import type { Unit } from './unit-file.ts'
import type { UnitFolder } from './unit-folder.ts'

/** A service as far as its processes go. */
export interface ServiceState {
  readonly name: string
  state: 'inactive' | 'active' | 'activating' | 'deactivating' | 'failed'
  result: string
  since: number
  process: ChildProcess | undefined
  restart: NodeJS.Timeout | undefined
  /** Settles when the process that was last asked to end is gone. */
  gone: Promise<void>
}

/** Starts and stops the services of an instance, and starts them again where their units say so. */
export interface Supervisor {
  /** False where there is no unit of that name. */
  start(name: string): Promise<boolean>
  stop(name: string): Promise<boolean>
  /** The state of a service; undefined for one that was never started nor looked at. */
  find(name: string): ServiceState | undefined
  service(name: string): ServiceState
  /** The service that a process is the first one of. */
  serviceOf(pid: number): string | undefined
  stopAll(): Promise<void>
}

interface Surroundings {
  readonly disk: Disk
  readonly units: UnitFolder
  readonly journal: Journal
}

export function createSupervisor(surroundings: Surroundings): Supervisor {
  const { units } = surroundings
  const services = new Map<string, ServiceState>()

  async function start(name: string): Promise<boolean> {
    const file = units.fileOf(name)
    if (file === undefined) return false
    const own = service(name)
    await own.gone
    if (own.process !== undefined) return true
    clearTimeout(own.restart)
    launch(own, units.read(file), { ...surroundings, startAgain: () => void start(name) })
    return true
  }

  async function stop(name: string): Promise<boolean> {
    const file = units.fileOf(name)
    const own = services.get(name)
    if (own === undefined) return file !== undefined
    const patienceMs = () => (file === undefined ? USUAL_STOP_MS : units.read(file).stopMs)
    await halt(own, patienceMs, surroundings)
    return true
  }

  function service(name: string): ServiceState {
    const known = services.get(name) ?? freshService(name)
    services.set(name, known)
    return known
  }

  return {
    start,
    stop,
    service,
    find: (name) => services.get(name),
    serviceOf: (pid) => [...services.values()].find((each) => each.process?.pid === pid)?.name,
    async stopAll() {
      await Promise.all([...services.keys()].map(stop))
    },
  }
}

function freshService(name: string): ServiceState {
  return {
    name,
    state: 'inactive',
    result: 'success',
    since: Date.now(),
    process: undefined,
    restart: undefined,
    gone: Promise.resolve(),
  }
}

interface LaunchSurroundings extends Surroundings {
  startAgain(): void
}

function launch(own: ServiceState, unit: Unit, surroundings: LaunchSurroundings): void {
  const { disk, journal } = surroundings
  const fail = (result: string, why: string) => ended(own, unit, { result, why, code: 1 }, surroundings)
  const environment = serviceEnvironment(unit, disk)
  if (typeof environment === 'string') return fail('resources', environment)
  const folder = unit.workingDirectory ?? '/'
  if (!existsSync(folder)) return fail('exit-code', `Failed at step CHDIR: ${folder}: status=200/CHDIR`)
  const [program = '', ...words] = unit.execStart
  if (!existsSync(program)) return fail('exit-code', `Failed to locate ${program}: status=203/EXEC`)
  const child = spawn(program, words, {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  Object.assign(own, { process: child, state: 'active', result: 'success', since: Date.now() })
  journal.write(own.name, `systemd[1]: Started ${own.name} - ${unit.description}.`)
  for (const stream of [child.stdout, child.stderr]) journal.record(own.name, program, child.pid, stream)
  child.on('error', ({ message }) => {
    if (own.process === child) fail('exit-code', `${message}: status=203/EXEC`)
  })
  child.on('exit', (code, killedBy) => {
    // All that it has started ends with it, as its whole control group does.
    signal(-Number(child.pid), 'SIGKILL')
    if (own.process !== child) return
    const result = killedBy ? 'signal' : 'exit-code'
    ended(own, unit, { result, why: `status=${killedBy ?? code}`, code }, surroundings)
  })
}

interface End {
  readonly result: string
  readonly why: string
  readonly code: number | null
}

/** A service has ended by itself: it is started again where its unit says so. */
function ended(own: ServiceState, unit: Unit, end: End, { journal, startAgain }: LaunchSurroundings): void {
  const { result, why, code } = end
  journal.write(own.name, `systemd[1]: ${own.name}: Main process exited: ${why}`)
  const again = unit.restart === 'always' || (unit.restart === 'on-failure' && code !== 0)
  Object.assign(own, {
    process: undefined,
    result,
    since: Date.now(),
    state: again ? 'activating' : code === 0 ? 'inactive' : 'failed',
  })
  if (again) own.restart = setTimeout(startAgain, unit.restartMs)
}

/** How long a service may take to end whose unit is gone, as one whose unit says nothing of it. */
const USUAL_STOP_MS = 15_000

async function halt(own: ServiceState, patienceMs: () => number, { journal }: Surroundings): Promise<void> {
  clearTimeout(own.restart)
  const child = own.process
  if (child === undefined) {
    await own.gone
    if (own.state === 'activating') own.state = 'inactive'
    return
  }
  Object.assign(own, { process: undefined, state: 'deactivating', since: Date.now() })
  own.gone = end(child, patienceMs()).then(() => {
    Object.assign(own, { state: 'inactive', since: Date.now() })
    journal.write(own.name, `systemd[1]: Stopped ${own.name}.`)
  })
  await own.gone
}

/** The environment of a service; or, as text, why it can't be started. */
function serviceEnvironment(unit: Unit, disk: Disk): Record<string, string> | string {
  const { HOME: _home, USER: _user, LOGNAME: _logname, ...base } = disk.environment
  const environment: Record<string, string> = { ...base, HOME: '/', ...unit.environment }
  for (const file of unit.environmentFiles) {
    const path = file.replace(/^-/, '')
    try {
      Object.assign(environment, parseEnvFile(readFileSync(path, 'utf8')))
    } catch (error) {
      const isFolder = (error as NodeJS.ErrnoException).code === 'EISDIR'
      const why = isFolder ? 'Is a directory' : 'No such file or directory'
      if (!file.startsWith('-')) return `Failed to load environment files: ${path}: ${why}`
    }
  }
  return environment
}

/** Asks a process and all that it started to end, and kills what has not done so in time. */
async function end(child: ChildProcess, withinMs: number): Promise<void> {
  const { pid } = child
  if (pid === undefined) return
  // Closed rather than ended: its last words are in the journal then.
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  signal(-pid, 'SIGTERM')
  const timer = setTimeout(() => {
    signal(-pid, 'SIGKILL')
    for (const stream of [child.stdout, child.stderr]) stream?.destroy()
  }, withinMs)
  await closed
  clearTimeout(timer)
}
