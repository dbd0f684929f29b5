import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import mysql, { type RowDataPacket } from 'mysql2/promise'
import { generate } from 'selfsigned'
import { until } from './until.ts'

/** A real MariaDB server with a folder of its own: TLS on `localhost`, root over its Unix socket only. */
export interface TestDatabase {
  readonly host: 'localhost'
  readonly port: number
  readonly caFile: string
  /** As root. Several statements may be given at once. */
  query(sql: string, values?: readonly string[]): Promise<RowDataPacket[]>
  /** Frozen, it keeps its connections and answers nothing. */
  freeze(): void
  thaw(): void
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and deletes its folder. */
  remove(): Promise<void>
}

export async function startMariadb(certificateFor = 'localhost'): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'mariadb-'))
  const port = await freePort()
  const socket = join(folder, 'sock')
  await mkdir(join(folder, 'tmp'))
  await writeCertificates(folder, certificateFor)
  await run('mariadb-install-db', [
    '--no-defaults',
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    ...foldersOf(folder),
    ...asRoot,
  ])

  const query = (sql: string, values: readonly string[] = []) => queryAsRoot(socket, sql, values)
  let server = await launch(folder, port, query)
  // With names unresolved, `localhost` means the socket: no account without a password is left on the TCP port.
  await query("DELETE FROM mysql.global_priv WHERE User = '' OR Host <> 'localhost'; FLUSH PRIVILEGES")

  const kill = () => end(server)
  return {
    host: 'localhost',
    port,
    caFile: join(folder, 'ca.pem'),
    query,
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    kill,
    start: async () => {
      server = await launch(folder, port, query)
    },
    remove: async () => {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

// At its start a server deletes what lies in its folder for temporary tables: none may be shared.
const foldersOf = (folder: string) => [`--datadir=${join(folder, 'data')}`, `--tmpdir=${join(folder, 'tmp')}`]
const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []
// Where Linux distributions keep servers, which is not on every user's PATH.
const { PATH } = process.env
const env = { ...process.env, PATH: [PATH, '/usr/sbin', '/usr/libexec'].join(delimiter), LC_ALL: 'C' }
const execFileAsync = promisify(execFile)

async function run(program: string, args: readonly string[]): Promise<void> {
  await execFileAsync(program, args, { env })
}

async function launch(
  folder: string,
  port: number,
  query: (sql: string) => Promise<unknown>,
): Promise<ChildProcess> {
  const server = spawn(
    'mariadbd',
    [
      '--no-defaults',
      ...foldersOf(folder),
      `--socket=${join(folder, 'sock')}`,
      `--pid-file=${join(folder, 'pid')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      `--ssl-ca=${join(folder, 'ca.pem')}`,
      `--ssl-cert=${join(folder, 'server.pem')}`,
      `--ssl-key=${join(folder, 'server-key.pem')}`,
      '--innodb-buffer-pool-size=16M',
      // Quicker than the default, and what is committed still outlives a kill.
      '--innodb-flush-log-at-trx-commit=2',
      ...asRoot,
    ],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  server.stderr.on('data', (chunk) => {
    said += chunk
  })
  const killAtExit = () => void server.kill('SIGKILL')
  process.once('exit', killAtExit)
  server.once('exit', () => process.off('exit', killAtExit))

  await until('MariaDB answers', async () => {
    if (server.exitCode !== null) throw new Error(`mariadbd ended with ${server.exitCode}:\n${said}`)
    return query('SELECT 1').then(
      () => true,
      () => false,
    )
  })
  return server
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGKILL')
  await ended
}

async function queryAsRoot(
  socketPath: string,
  sql: string,
  values: readonly string[],
): Promise<RowDataPacket[]> {
  const connection = await mysql.createConnection({ socketPath, user: 'root', multipleStatements: true })
  try {
    const [rows] = await connection.query<RowDataPacket[]>(sql, [...values])
    return rows
  } finally {
    connection.destroy()
  }
}

async function writeCertificates(folder: string, host: string): Promise<void> {
  const ca = await generate([{ name: 'commonName', value: 'Test CA' }], {
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  const server = await generate([{ name: 'commonName', value: host }], {
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  })
  const files = { 'ca.pem': ca.cert, 'server.pem': server.cert, 'server-key.pem': server.private }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 })
}

// Below the ports that outgoing connections are given: one of those could take it while the server is down.
async function freePort(): Promise<number> {
  const port = randomInt(20_000, 32_768)
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch {
    return freePort()
  }
  probe.close()
  await once(probe, 'close')
  return port
}
