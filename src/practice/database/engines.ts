import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import type { CloudGround } from '../cloud.ts'
import type { Engines } from '../data-plane.ts'
import type { Gateway } from '../network/gateway.ts'
import { openSocketName } from '../network/socket-names.ts'
import type { Places } from '../paths.ts'
import { PRACTICE_MARK } from '../processes.ts'
import type { Database } from '../state.ts'
import { type Authority, writeServerCertificate } from './certificates.ts'
import { findEngine } from './engine.ts'

interface Running {
  process: ChildProcess | undefined
  /** Whether that process has answered. */
  isUp: boolean
  wanted: boolean
}

const ADMIN = 'rdsadmin'
const START_MS = 20_000
const STOP_MS = 10_000
const RESTARTS_ALLOWED = 3

/** What RDS grants its master user, in the subset that MySQL 8.4 and MariaDB share. */
const MASTER_PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, ' +
  'CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, ' +
  'CREATE USER, EVENT, TRIGGER'

/**
 * Practice databases: a MariaDB server each, on a Unix socket behind the gateway, which announces by a PROXY line
 * who comes through it.
 */
export function createEngines(
  cloud: CloudGround,
  places: Places,
  gateway: Gateway,
  authority: Authority,
  failed: (database: Database, reason: string) => void,
): Engines {
  const running = new Map<string, Running>()

  return {
    async create(database, masterPassword) {
      const folder = places.database(database.resourceId)
      mkdirSync(join(folder, 'tmp'), { recursive: true, mode: 0o700 })
      await install(folder)
      await writeServerCertificate(authority, folder)
      await launch(database)
      const adminPassword = randomBytes(24).toString('base64url')
      await asAdmin(database, async (connection) => {
        await createMaster(connection, database.masterUser, masterPassword)
        if (database.databaseName) {
          await connection.query('CREATE DATABASE IF NOT EXISTS ??', [database.databaseName])
        }
        await replaceRoot(connection, adminPassword)
      })
      writeFileSync(adminFile(database), adminPassword, { mode: 0o600 })
      await gateway.open(database.resourceId, database.port)
    },
    async start(database) {
      await stop(database.resourceId)
      await gateway.open(database.resourceId, database.port)
      await launch(database)
    },
    stop,
    async setMasterPassword(database, password) {
      await asAdmin(database, (connection) => createMaster(connection, database.masterUser, password))
    },
    async destroy(resourceId) {
      await stop(resourceId)
      gateway.close(resourceId)
      rmSync(places.database(resourceId), { recursive: true, force: true, maxRetries: 5 })
      rmSync(places.sockets(resourceId), { recursive: true, force: true })
    },
  }

  async function install(folder: string): Promise<void> {
    const words = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']
    const run = async (path: string) => {
      const all = [...words, ...asUser(), ...foldersOf(path)]
      await promisify(execFile)(engine().install, all, { env: engineEnvironment() })
    }
    // A shell script, which takes paths apart at their spaces and more: an odd one is given as a link with a plain name.
    if (/^[\w./-]+$/.test(folder)) return run(folder)
    const plain = mkdtempSync('/tmp/flasklab-')
    try {
      symlinkSync(folder, join(plain, 'database'))
      await run(join(plain, 'database'))
    } finally {
      rmSync(plain, { recursive: true })
    }
  }

  /** Starts the engine and waits until it answers for the first time; from then on a failure is reported. */
  function launch(database: Database): Promise<void> {
    const own: Running = { process: undefined, isUp: false, wanted: true }
    running.set(database.resourceId, own)
    return new Promise((resolve, reject) => {
      let wasUp = false
      const up = () => {
        wasUp = true
        resolve()
      }
      keepRunning(database, own, up).then(resolve, (error: Error) => {
        own.wanted = false
        if (wasUp) failed(database, error.message)
        else reject(error)
      })
    })
  }

  /** Starts an engine again whenever it ends by itself, a few times a minute; ends with it when it is stopped. */
  async function keepRunning(database: Database, own: Running, up: () => void): Promise<void> {
    let crashes: number[] = []
    while (own.wanted) {
      const child = spawnEngine(database)
      Object.assign(own, { process: child, isUp: false })
      // Listened for from its first moment on: an engine may end at any time, also before it has answered.
      const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve))
      own.isUp = await answers(database, child)
      if (own.isUp) up()
      await ended
      if (!own.wanted) return
      const words = lastWords(places.database(database.resourceId))
      cloud.log(`engine of ${database.id} ended by itself: ${words}`)
      crashes = [...crashes, Date.now()].filter((at) => at > Date.now() - 60_000)
      if (crashes.length > RESTARTS_ALLOWED) throw new Error(`The engine ended again and again: ${words}`)
    }
  }

  function spawnEngine(database: Database): ChildProcess {
    const { server } = engine()
    const folder = places.database(database.resourceId)
    mkdirSync(places.sockets(database.resourceId), { recursive: true, mode: 0o700 })
    const log = openSync(join(folder, 'engine.log'), 'a', 0o600)
    const child = spawn(server, serverWords(folder, socketOf(database)), {
      detached: true,
      stdio: ['ignore', log, log],
      env: engineEnvironment(),
      cwd: folder,
    })
    closeSync(log)
    child.on('error', (error) => cloud.log(`engine of ${database.id}: ${error.message}`))
    return child
  }

  /** Waits for an engine's first answer: true when it came, false when the engine has ended before. */
  async function answers(database: Database, child: ChildProcess): Promise<boolean> {
    const deadline = Date.now() + START_MS
    while (isRunning(child)) {
      try {
        await asAdmin(database, async (connection) => connection.ping())
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

  async function stop(resourceId: string): Promise<void> {
    const own = running.get(resourceId)
    running.delete(resourceId)
    if (own === undefined) return
    own.wanted = false
    // While it starts, MariaDB is deaf to SIGTERM, and nobody has given it anything to keep.
    if (own.process !== undefined) await end(own.process, own.isUp ? 'SIGTERM' : 'SIGKILL')
  }

  function socketOf(database: Database): string {
    return join(places.sockets(database.resourceId), openSocketName(database.port))
  }

  async function asAdmin(database: Database, work: (connection: Connection) => Promise<void>): Promise<void> {
    const file = adminFile(database)
    const connection = await createConnection({
      socketPath: socketOf(database),
      // Until its master is made, the engine has nobody but the root that it was installed with.
      ...(existsSync(file) ? { user: ADMIN, password: readFileSync(file, 'utf8') } : { user: 'root' }),
      connectTimeout: 5_000,
    })
    try {
      await work(connection)
    } finally {
      connection.destroy()
    }
  }

  function adminFile(database: Database): string {
    return join(places.database(database.resourceId), 'admin-password')
  }

  function engineEnvironment(): Record<string, string> {
    return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8', [PRACTICE_MARK]: places.root }
  }
}

function engine() {
  const programs = findEngine()
  if (programs === undefined) throw new Error('MariaDB is no longer installed on this machine.')
  return programs
}

async function createMaster(connection: Connection, user: string, password: string): Promise<void> {
  await connection.query("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", [user, password])
  await connection.query("ALTER USER ?@'%' IDENTIFIED BY ?", [user, password])
  await connection.query(`GRANT ${MASTER_PRIVILEGES} ON *.* TO ?@'%' WITH GRANT OPTION`, [user])
}

/**
 * RDS has a superuser of its own, too. It needs a password: whoever comes through the gateway is `localhost` for
 * the engine's accounts, since that is where its socket is, whatever the PROXY line says.
 */
async function replaceRoot(connection: Connection, password: string): Promise<void> {
  const isRoot = "User = 'root' AND Host = 'localhost'"
  const [others] = await connection.query<RowDataPacket[]>(
    `SELECT User, Host FROM mysql.user WHERE User IN ('', 'root') AND Host <> '%' AND NOT (${isRoot})`,
  )
  for (const { User, Host } of others) await connection.query('DROP USER ?@?', [User, Host])
  await connection.query("ALTER USER 'root'@'localhost' IDENTIFIED BY ?", [password])
  await connection.query("RENAME USER 'root'@'localhost' TO ?@'localhost'", [ADMIN])
}

function serverWords(folder: string, socket: string): string[] {
  return [
    '--no-defaults',
    ...asUser(),
    ...foldersOf(folder),
    `--socket=${socket}`,
    `--pid-file=${join(folder, 'engine.pid')}`,
    '--skip-networking',
    '--skip-name-resolve',
    '--proxy-protocol-networks=localhost',
    `--ssl-ca=${join(folder, 'ca.pem')}`,
    `--ssl-cert=${join(folder, 'server.pem')}`,
    `--ssl-key=${join(folder, 'server-key.pem')}`,
    '--character-set-server=utf8mb4',
    '--innodb-buffer-pool-size=32M',
    '--innodb-log-file-size=16M',
    '--performance-schema=OFF',
    '--max-connections=60',
  ]
}

/** Each engine has a folder of its own for temporary tables: at its start it deletes what lies in it. */
function foldersOf(folder: string): string[] {
  return [`--datadir=${join(folder, 'data')}`, `--tmpdir=${join(folder, 'tmp')}`]
}

/** MariaDB refuses to run as root unless told so. */
function asUser(): string[] {
  return userInfo().uid === 0 ? ['--user=root'] : []
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

/** The last error that an engine wrote, for the event that tells why it failed. */
function lastWords(folder: string): string {
  const file = join(folder, 'engine.log')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  return lines.findLast((line) => line.includes('[ERROR]')) ?? lines.at(-1) ?? 'it said nothing'
}
