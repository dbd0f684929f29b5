import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Places } from '../paths.ts'
import { PRACTICE_MARK } from '../processes.ts'
import type { Database } from '../state.ts'
import { socketOf } from './accounts.ts'
import { findEngine } from './engine.ts'

/** Makes the data folder of an engine. */
export async function installEngine(folder: string, places: Places): Promise<void> {
  const words = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db']
  const run = async (path: string) => {
    const all = [...words, ...asUser(), ...foldersOf(path)]
    await promisify(execFile)(engine().install, all, { env: engineEnvironment(places) })
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

export function spawnEngine(database: Database, places: Places, log: (line: string) => void): ChildProcess {
  const { server } = engine()
  const folder = places.database(database.resourceId)
  mkdirSync(places.sockets(database.resourceId), { recursive: true, mode: 0o700 })
  const logFile = openSync(join(folder, 'engine.log'), 'a', 0o600)
  const child = spawn(server, serverWords(folder, socketOf(database, places)), {
    detached: true,
    stdio: ['ignore', logFile, logFile],
    env: engineEnvironment(places),
    cwd: folder,
  })
  closeSync(logFile)
  child.on('error', (error) => log(`engine of ${database.id}: ${error.message}`))
  return child
}

function engineEnvironment({ root }: Places): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8', [PRACTICE_MARK]: root }
}

function engine() {
  const programs = findEngine()
  if (programs === undefined) throw new Error('MariaDB is no longer installed on this machine.')
  return programs
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

/** Each engine has a folder of its own for temporary tables: at its start it empties that folder. */
function foldersOf(folder: string): string[] {
  return [`--datadir=${join(folder, 'data')}`, `--tmpdir=${join(folder, 'tmp')}`]
}

/** MariaDB refuses to run as root unless told so. */
function asUser(): string[] {
  return userInfo().uid === 0 ? ['--user=root'] : []
}

/** The last error that an engine wrote, for the event that tells why it failed. */
export function lastWords(folder: string): string {
  const file = join(folder, 'engine.log')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  return lines.findLast((line) => line.includes('[ERROR]')) ?? lines.at(-1) ?? 'it said nothing'
}
