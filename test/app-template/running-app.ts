import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import { startMariadb, type TestDatabase } from '../support/mariadb.ts'
import { until } from '../support/until.ts'

const repository = join(import.meta.dirname, '../..')
const template = join(repository, 'app-template')

export type Environment = Readonly<Record<string, string>>

export interface RunningApp {
  readonly url: string
  readonly pid: number
  /** Its output on stdout, one entry a line. */
  log(): Record<string, unknown>[]
  signal(name: NodeJS.Signals): void
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
  remove(): Promise<void>
}

/** The lab's database as phase 6 leaves it: schema and app user, both made twice as a second run would. */
export async function startFlaskdb(certificateFor?: string): Promise<TestDatabase> {
  const database = await startMariadb(certificateFor)
  try {
    await prepare(database)
  } catch (error) {
    await database.remove()
    throw error
  }
  return database
}

async function prepare(database: TestDatabase): Promise<void> {
  const schema = await readFile(join(repository, 'sql/schema.sql'), 'utf8')
  for (const _ of [1, 2]) {
    await database.query(`
      CREATE DATABASE IF NOT EXISTS flaskdb CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
      USE flaskdb;
      ${schema}
      CREATE USER IF NOT EXISTS 'flaskapp'@'%' IDENTIFIED BY '${appPassword}' REQUIRE SSL;
      GRANT SELECT, INSERT, UPDATE (password_hash) ON flaskdb.users TO 'flaskapp'@'%';`)
  }
}

const appPassword = 'K3yOfTheAppUserWith32Characters0'

/** A database and an app in front of it, for all tests of a file. */
export function prepareApp(take: (database: TestDatabase, app: RunningApp) => void): void {
  let database: TestDatabase | undefined
  let app: RunningApp | undefined
  beforeAll(async () => {
    database = await startFlaskdb()
    app = await startApp(environmentFor(database), database.caFile)
    take(database, app)
  })
  afterAll(async () => {
    await app?.remove()
    await database?.remove()
  })
}

/** Its `.env`, with `rds-ca.pem` relative to the folder it runs in. */
export function environmentFor(database: Pick<TestDatabase, 'host' | 'port'>): Record<string, string> {
  return {
    RDS_HOST: database.host,
    RDS_PORT: String(database.port),
    RDS_USER: 'flaskapp',
    RDS_PASSWORD: appPassword,
    RDS_DB: 'flaskdb',
    RDS_CA: 'rds-ca.pem',
    HOST: '127.0.0.1',
    PORT: '0',
  }
}

/** Runs inside the app before its first line: a way to count what it does, or to set its clock. */
export function withHook(code: string): Environment {
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` }
}

/** `replaced`: files of the project that others take the place of. */
export async function startApp(
  environment: Environment,
  caFile: string,
  replaced: Readonly<Record<string, string>> = {},
): Promise<RunningApp> {
  const folder = await appFolder(caFile)
  for (const [name, file] of Object.entries(replaced)) await copyFile(file, join(folder, name))
  const app = launch(folder, environment)
  let failed = false
  void app.ended.then(() => {
    failed = true
  })
  const address = () =>
    app.log().flatMap(({ message }) => /^Running on (\S+)$/.exec(String(message))?.[1] ?? [])[0]
  await until('the app listens', () => {
    if (failed) throw new Error(`The app ended at once: ${app.stderr()}`)
    return address() !== undefined
  })
  return {
    ...app,
    url: address() ?? '',
    remove: async () => {
      app.signal('SIGKILL')
      await app.ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** For an app that must refuse to start. */
export async function runApp(environment: Environment, caFile: string) {
  const folder = await appFolder(caFile)
  const app = launch(folder, environment)
  onTestFinished(async () => {
    app.signal('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const code = await app.ended
  return { code, stdout: app.log(), stderr: app.stderr() }
}

function launch(folder: string, environment: Environment) {
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, ['app.js'], { cwd: folder, env: { PATH, ...environment } })
  const killAtExit = () => void child.kill('SIGKILL')
  process.once('exit', killAtExit)
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    process.off('exit', killAtExit)
    return code ?? null
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return {
    pid: child.pid ?? 0,
    ended,
    log: (): Record<string, unknown>[] => {
      const lines = stdout.slice(0, stdout.lastIndexOf('\n') + 1).split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
    },
    stderr: () => stderr,
    signal: (name: NodeJS.Signals) => void child.kill(name),
  }
}

/** The project as it lies on the server, with its dependencies. */
export async function appFolder(caFile: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flask-login-app-'))
  await cp(template, folder, { recursive: true, filter: (path) => basename(path) !== 'node_modules' })
  await copyFile(caFile, join(folder, 'rds-ca.pem'))
  await symlink(await installedModules(), join(folder, 'node_modules'), 'junction')
  return folder
}

/** Installed as on the server, once for each lock file: later runs find what an earlier one installed. */
async function installedModules(): Promise<string> {
  const files = ['package.json', 'package-lock.json'].map((name) => join(template, name))
  const hash = createHash('sha256').update(process.version)
  for (const file of files) hash.update(await readFile(file))
  const kept = join(repository, 'node_modules/.cache/flasklab', `app-${hash.digest('hex').slice(0, 16)}`)
  const modules = join(kept, 'node_modules')
  if (await exists(modules)) return modules

  await mkdir(join(kept, '..'), { recursive: true })
  const fresh = await mkdtemp(`${kept}-`)
  for (const file of files) await copyFile(file, join(fresh, basename(file)))
  const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund']
  await promisify(execFile)('npm', ['ci', ...flags], { cwd: fresh })
  // Another worker may have been first.
  await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }))
  return modules
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
