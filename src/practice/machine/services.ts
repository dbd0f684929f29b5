import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { parseEnvFile } from '../../formats/env-file.ts'
import { appendLine } from '../append-line.ts'
import { signal } from '../processes.ts'
import type { Disk } from './disk.ts'
import { parseUnit, type Unit } from './unit-file.ts'

export interface Reply {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The stand-in for systemd on one practice instance. */
export interface Services {
  /** Starts what is enabled, as at the end of a boot. */
  boot(): Promise<void>
  run(words: readonly string[]): Promise<Reply>
  /** Stops every service and no longer listens to `systemctl`. */
  shutDown(): Promise<void>
}

interface Service {
  readonly name: string
  state: 'inactive' | 'active' | 'activating' | 'deactivating' | 'failed'
  result: string
  since: number
  process: ChildProcess | undefined
  restart: NodeJS.Timeout | undefined
  /** Settles when the process that was last asked to end is gone. */
  gone: Promise<void>
}

export function createServices(disk: Disk): Services {
  const services = new Map<string, Service>()
  const wants = join(disk.units, 'multi-user.target.wants')
  let server: Server | undefined

  const verbs: Record<string, (names: string[], words: readonly string[]) => Promise<Reply> | Reply> = {
    enable: async (names, words) => {
      const lines = names.map(enable)
      const failed = lines.find((line) => !line.startsWith('Created') && line !== '')
      if (failed !== undefined) return fail(failed)
      if (words.includes('--now')) for (const name of names) await start(unitName(name))
      return { code: 0, stdout: '', stderr: lines.join('') }
    },
    disable: async (names, words) => {
      for (const name of names.map(unitName)) {
        rmSync(join(wants, name), { force: true })
        if (words.includes('--now')) await stop(name)
      }
      return done()
    },
    start: (names) => each(names, start),
    stop: (names) => each(names, stop),
    restart: (names) =>
      each(names, async (name) => {
        await stop(name)
        return start(name)
      }),
    'daemon-reload': done,
    'is-active': ([name]) => word(services.get(unitName(name ?? ''))?.state ?? 'inactive', 'active', 3),
    'is-enabled': ([name]) => word(isEnabled(unitName(name ?? '')) ? 'enabled' : 'disabled', 'enabled', 1),
    // What show --property=UnitFileState,ActiveState,MainPID asks for.
    show: ([name = '']) => {
      const unit = unitName(name)
      const known = isEnabled(unit) ? 'enabled' : 'disabled'
      const lines = [
        `MainPID=${services.get(unit)?.process?.pid ?? 0}`,
        `ActiveState=${services.get(unit)?.state ?? 'inactive'}`,
        `UnitFileState=${unitFile(unit) === undefined ? '' : known}`,
      ]
      return done(`${lines.join('\n')}\n`)
    },
    status: ([name = '']) => status(serviceOf(Number(name)) ?? unitName(name)),
    cat: ([name]) => {
      const file = unitFile(unitName(name ?? ''))
      return file === undefined ? notFound(name ?? '') : done(`# ${file}\n${readFileSync(file, 'utf8')}`)
    },
  }

  return {
    async boot() {
      rmSync(join(disk.sockets, 'systemd.sock'), { force: true })
      server = createServer({ allowHalfOpen: true }, (socket) => {
        socket.on('error', () => socket.destroy())
        void heard(socket)
          .then((words) => run(JSON.parse(words) as string[]))
          .catch((error: Error) => fail(`Failed: ${error.message}\n`))
          .then((reply) => socket.end(JSON.stringify(reply)))
      })
      await new Promise<void>((resolve) => server?.listen(join(disk.sockets, 'systemd.sock'), resolve))
      for (const name of readdirSync(wants)) await start(name)
    },
    run,
    async shutDown() {
      server?.close()
      await Promise.all([...services.keys()].map(stop))
    },
  }

  async function run(words: readonly string[]): Promise<Reply> {
    const [verb = '', ...names] = words.filter((each) => !each.startsWith('-'))
    const action = verbs[verb]
    if (action === undefined) return fail(`Unknown command verb '${verb}' (on the practice server).\n`)
    return action(names, words)
  }

  async function each(names: string[], action: (name: string) => Promise<Reply>): Promise<Reply> {
    for (const name of names.map(unitName)) {
      const reply = await action(name)
      if (reply.code !== 0) return reply
    }
    return done()
  }

  function enable(nameOrPath: string): string {
    const name = unitName(nameOrPath)
    const link = join(disk.units, name)
    if (nameOrPath.startsWith('/')) {
      if (!existsSync(nameOrPath)) return `Failed to enable unit: Unit file ${nameOrPath} does not exist.\n`
      rmSync(link, { force: true })
      symlinkSync(nameOrPath, link)
    }
    if (unitFile(name) === undefined) return `Failed to enable unit: Unit file ${name} does not exist.\n`
    if (isEnabled(name)) return ''
    symlinkSync(link, join(wants, name))
    return `Created symlink /etc/systemd/system/multi-user.target.wants/${name} → ${realpathSync(link)}.\n`
  }

  async function start(name: string): Promise<Reply> {
    const file = unitFile(name)
    if (file === undefined) return { ...notFound(name), code: 5 }
    const own = service(name)
    await own.gone
    if (own.process !== undefined) return done()
    clearTimeout(own.restart)
    launch(own, parseUnit(readFileSync(file, 'utf8')))
    return done()
  }

  function launch(own: Service, unit: Unit): void {
    const environment = serviceEnvironment(unit)
    if (typeof environment === 'string') return ended(own, unit, 'resources', environment)
    const folder = unit.workingDirectory ?? '/'
    if (!existsSync(folder))
      return ended(own, unit, 'exit-code', `Failed at step CHDIR: ${folder}: status=200/CHDIR`)
    const [program = '', ...words] = unit.execStart
    if (!existsSync(program))
      return ended(own, unit, 'exit-code', `Failed to locate ${program}: status=203/EXEC`)
    const child = spawn(program, words, {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    Object.assign(own, { process: child, state: 'active', result: 'success', since: Date.now() })
    journal(own.name, `systemd[1]: Started ${own.name} - ${unit.description}.`)
    for (const stream of [child.stdout, child.stderr]) record(own.name, program, child.pid, stream)
    child.on('error', ({ message }) => {
      if (own.process === child) ended(own, unit, 'exit-code', `${message}: status=203/EXEC`)
    })
    child.on('exit', (code, killedBy) => {
      // What it has started ends with it, as its whole control group does.
      signal(-Number(child.pid), 'SIGKILL')
      if (own.process !== child) return
      ended(
        own,
        unit,
        killedBy ? 'signal' : 'exit-code',
        killedBy ? `status=${killedBy}` : `status=${code}`,
        code,
      )
    })
  }

  /** A service has ended by itself: it is started again where its unit says so. */
  function ended(own: Service, unit: Unit, result: string, why: string, code: number | null = 1): void {
    journal(own.name, `systemd[1]: ${own.name}: Main process exited: ${why}`)
    const again = unit.restart === 'always' || (unit.restart === 'on-failure' && code !== 0)
    Object.assign(own, {
      process: undefined,
      result,
      since: Date.now(),
      state: again ? 'activating' : code === 0 ? 'inactive' : 'failed',
    })
    if (!again) return
    own.restart = setTimeout(() => void start(own.name), unit.restartMs)
  }

  async function stop(name: string): Promise<Reply> {
    const file = unitFile(name)
    const own = services.get(name)
    if (own === undefined) return file === undefined ? { ...notFound(name), code: 5 } : done()
    clearTimeout(own.restart)
    const child = own.process
    if (child === undefined) {
      await own.gone
      if (own.state === 'activating') own.state = 'inactive'
      return done()
    }
    Object.assign(own, { process: undefined, state: 'deactivating', since: Date.now() })
    const unit = parseUnit(file === undefined ? '' : readFileSync(file, 'utf8'))
    own.gone = end(child, unit.stopMs).then(() => {
      Object.assign(own, { state: 'inactive', since: Date.now() })
      journal(name, `systemd[1]: Stopped ${name}.`)
    })
    await own.gone
    return done()
  }

  function serviceEnvironment(unit: Unit): Record<string, string> | string {
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

  function service(name: string): Service {
    const known = services.get(name)
    if (known) return known
    const fresh: Service = {
      name,
      state: 'inactive',
      result: 'success',
      since: Date.now(),
      process: undefined,
      restart: undefined,
      gone: Promise.resolve(),
    }
    services.set(name, fresh)
    return fresh
  }

  function status(name: string): Reply {
    const file = unitFile(name)
    if (file === undefined) return { code: 4, stdout: '', stderr: `Unit ${name} could not be found.\n` }
    const own = service(name)
    const why =
      own.state === 'activating'
        ? `auto-restart) (Result: ${own.result}`
        : own.state === 'active'
          ? 'running'
          : own.state === 'inactive'
            ? 'dead'
            : `Result: ${own.result}`
    const lines = [
      `● ${name} - ${parseUnit(readFileSync(file, 'utf8')).description}`,
      `     Loaded: loaded (${file}; ${isEnabled(name) ? 'enabled' : 'disabled'}; preset: disabled)`,
      `     Active: ${own.state} (${why}) since ${new Date(own.since).toUTCString()}`,
      ...(own.process ? [`   Main PID: ${own.process.pid} (${basename(own.process.spawnfile)})`] : []),
      '',
      ...readJournal(name).slice(-10),
    ]
    return { code: own.state === 'active' ? 0 : 3, stdout: `${lines.join('\n')}\n`, stderr: '' }
  }

  /** `systemctl status` takes the id of a process as well. */
  function serviceOf(pid: number): string | undefined {
    return [...services.values()].find((each) => each.process?.pid === pid)?.name
  }

  function unitFile(name: string): string | undefined {
    const path = join(disk.units, name)
    return name !== '' && existsSync(path) ? path : undefined
  }

  function isEnabled(name: string): boolean {
    try {
      return lstatSync(join(wants, name)).isSymbolicLink()
    } catch {
      return false
    }
  }

  function record(name: string, program: string, pid: number | undefined, stream: Readable | null): void {
    if (stream === null) return
    createInterface({ input: stream }).on('line', (line) =>
      journal(name, `${basename(program)}[${pid}]: ${line}`),
    )
  }

  function journal(name: string, line: string): void {
    const stamp = new Date().toISOString().slice(0, 19).replace('T', ' ')
    appendLine(journalFile(name), `${stamp} ${disk.hostName} ${line}`)
  }

  function readJournal(name: string): string[] {
    const file = journalFile(name)
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  }

  function journalFile(name: string): string {
    return join(disk.journal, `${name.replace(/\.service$/, '')}.log`)
  }
}

/** What the far end says before it waits for the answer; `text()` would close the way back as well. */
function heard(socket: Socket): Promise<string> {
  let words = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    words += chunk
  })
  return new Promise((resolve) => socket.once('end', () => resolve(words)))
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

function unitName(nameOrPath: string): string {
  const name = basename(nameOrPath)
  return name === '' || name.includes('.') ? name : `${name}.service`
}

function done(stdout: unknown = ''): Reply {
  return { code: 0, stdout: typeof stdout === 'string' ? stdout : '', stderr: '' }
}

function fail(stderr: string): Reply {
  return { code: 1, stdout: '', stderr }
}

function notFound(name: string): Reply {
  return fail(`Failed: Unit ${unitName(name)} not found.\n`)
}

function word(text: string, good: string, otherwise: number): Reply {
  return { code: text === good ? 0 : otherwise, stdout: `${text}\n`, stderr: '' }
}
