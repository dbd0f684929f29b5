import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql, { type Connection, type ConnectionOptions, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Engines } from '../../src/practice/data-plane.ts'
import { type Authority, openAuthority } from '../../src/practice/database/certificates.ts'
import { createEngines } from '../../src/practice/database/engines.ts'
import { isAlive, PRACTICE_MARK, processesWith, signal } from '../../src/practice/processes.ts'
import type { Database } from '../../src/practice/state.ts'
import {
  addDatabase,
  addGroup,
  addInstance,
  type DataPlane,
  diskOf,
  listeningPorts,
  makeDataPlane,
  makeHome,
  rule,
  runOn,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct#horse\'"\\8'
let plane: DataPlane
let authority: Authority
let engines: Engines
let database: Database
const failures: string[] = []

beforeAll(async () => {
  plane = makeDataPlane()
  authority = await openAuthority(plane.places.root)
  engines = createEngines(plane.cloud, plane.places, plane.gateway, authority, (failed, reason) =>
    failures.push(`${failed.id}: ${reason}`),
  )
  database = await create('flaskdb-instance', { databaseName: 'firstdb' })
})
afterAll(async () => {
  // Killed, it would be started again.
  await engines.stop(database.resourceId)
  await plane.remove()
})

/** A database that the laptop may dial. */
async function create(id: string, wish: Partial<Database> = {}): Promise<Database> {
  const open = addGroup(plane, [rule('ingress', 3306, '0.0.0.0/0')])
  const made = addDatabase(plane, { id, publiclyAccessible: true, groupIds: [open.id], ...wish })
  await engines.create(made, PASSWORD)
  return made
}

/** One that lasts for the running test. */
async function createOwn(id: string, wish: Partial<Database> = {}): Promise<Database> {
  const made = await create(id, wish)
  onTestFinished(() => engines.destroy(made.resourceId))
  return made
}

async function connect(to: Database, wish: ConnectionOptions = {}): Promise<Connection> {
  const port = await plane.gateway.open(to.resourceId, to.port)
  const connection = await mysql.createConnection({
    host: 'localhost',
    port,
    user: 'admin',
    password: PASSWORD,
    ...wish,
  })
  connection.on('error', () => {})
  onTestFinished(() => connection.destroy())
  return connection
}

async function ask(to: Database, sql: string, wish: ConnectionOptions = {}): Promise<unknown[]> {
  const connection = await connect(to, wish)
  const [rows] = await connection.query<RowDataPacket[]>({ sql, rowsAsArray: true })
  return [rows].flat(2)
}

const refusal = (to: Database, wish: ConnectionOptions) =>
  connect(to, wish).then(
    () => 'let in',
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  )

const answers = (to: Database) =>
  ask(to, 'SELECT 1').then(
    () => true,
    () => false,
  )

/** The engine's process: the one that works in the database's folder. */
function pidOf({ resourceId }: Database): number {
  const [pid = 0] = processesWith(PRACTICE_MARK, plane.places.root).filter((each) =>
    commandOf(each).includes(`--datadir=${plane.places.database(resourceId)}`),
  )
  return pid
}

/** Kills the engine and tells which process it was. */
function kill(database: Database): number {
  const pid = pidOf(database)
  // 0 would mean every process of these tests.
  expect(pid).toBeGreaterThan(1)
  signal(pid, 'SIGKILL')
  return pid
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}

describe('a new database', () => {
  test('opens for the master user and the password that were asked for', async () => {
    expect(await ask(database, 'SELECT CURRENT_USER(), 1 + 1')).toEqual(['admin@%', 2])
    expect(await refusal(database, { password: 'wrong' })).toContain(
      "ER_ACCESS_DENIED_ERROR: Access denied for user 'admin'@'203.0.113.7' (using password: YES)",
    )
    expect(await refusal(database, { user: 'flaskapp' })).toContain('ER_ACCESS_DENIED_ERROR')
  })

  test('holds the first database that was asked for', async () => {
    expect(await ask(database, 'SHOW DATABASES')).toContain('firstdb')
  })

  test('lets its master make databases and users, and grant what it has', async () => {
    const connection = await connect(database, { multipleStatements: true })
    await connection.query(`
      CREATE DATABASE flaskdb; CREATE TABLE flaskdb.users (name VARCHAR(20));
      CREATE USER 'flaskapp'@'%' IDENTIFIED BY 'K3y' REQUIRE SSL; GRANT SELECT ON flaskdb.users TO 'flaskapp'@'%'`)
    const app = { user: 'flaskapp', password: 'K3y' }
    expect(await refusal(database, app)).toContain('ER_ACCESS_DENIED_ERROR')
    expect(
      await ask(database, 'SELECT COUNT(*) FROM flaskdb.users', {
        ...app,
        ssl: { ca: authority.certificate },
      }),
    ).toEqual([0])
  })

  test.each([
    ['root', ''],
    ['root', PASSWORD],
    ['', ''],
    ['mysql', ''],
    ['mariadb.sys', ''],
  ])('does not open for %j with %j', async (user, password) => {
    expect(await refusal(database, { user, password })).toMatch(/Access denied|Account is locked/)
  })

  test('has no TCP port of its own', () => {
    expect(isAlive(pidOf(database))).toBe(true)
    expect(listeningPorts(pidOf(database))).toEqual([])
  })

  test("has a superuser of its own, whose password is in the practice cloud's folder alone", async () => {
    expect(await refusal(database, { user: 'rdsadmin', password: '' })).toContain('Access denied')
    const file = join(plane.places.database(database.resourceId), 'admin-password')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const known = {
      socketPath: join(plane.places.sockets(database.resourceId), '3306.sock'),
      user: 'rdsadmin',
    }
    const connection = await mysql.createConnection({ ...known, password: readFileSync(file, 'utf8') })
    onTestFinished(() => connection.destroy())
    const [rows] = await connection.query('SELECT User, Host FROM mysql.user ORDER BY 1, 2')
    expect(rows).toEqual(
      expect.arrayContaining([
        { User: 'admin', Host: '%' },
        { User: 'rdsadmin', Host: 'localhost' },
      ]),
    )
    expect(JSON.stringify(rows)).not.toMatch(/"root"|"User":""/)
  })

  test('is open to a master who is called root', async () => {
    const own = await createOwn('rooted', { masterUser: 'root' })
    expect(await ask(own, 'SELECT CURRENT_USER()', { user: 'root' })).toEqual(['root@%'])
  })
})

describe('TLS', () => {
  test('is verified with the practice CA, by the name that is dialled', async () => {
    const [, cipher] = await ask(database, "SHOW STATUS LIKE 'Ssl_cipher'", {
      ssl: { ca: authority.certificate },
    })
    expect(cipher).toMatch(/^TLS_/)
  })

  test('is refused with another CA', async () => {
    const home = makeHome()
    onTestFinished(() => rmSync(home, { recursive: true }))
    const other = await openAuthority(home)
    expect(await refusal(database, { ssl: { ca: other.certificate } })).toMatch(
      /HANDSHAKE_SSL_ERROR|certificate/,
    )
  })

  test('keeps its CA when it is opened again', async () => {
    expect(await openAuthority(plane.places.root)).toEqual(authority)
  })
})

describe('from an instance', () => {
  test("a client is seen with the server's private address and verifies the certificate", async () => {
    const client = addGroup(plane)
    const instance = addInstance(plane, { groupIds: [client.id] })
    const disk = diskOf(plane, instance)
    writeFileSync(join(disk.home, 'ca.pem'), authority.certificate)
    await runOn(disk, 'sudo dnf -y install mariadb105')
    const port = await plane.gateway.open(database.resourceId, database.port)
    const flags = `--no-defaults --protocol=tcp --host=localhost --port=${port} --user=admin --ssl-ca=ca.pem --ssl-verify-server-cert -N`
    writeFileSync(join(disk.home, 'pw'), PASSWORD)
    expect(await runOn(disk, `MYSQL_PWD="$(cat pw)" mysql ${flags} -e 'SELECT USER()'`)).toEqual({
      code: 0,
      stdout: `admin@${instance.privateAddress}\n`,
      stderr: '',
    })
  })
})

describe('the engine', () => {
  test('comes back by itself after kill -9, with its data', async () => {
    await ask(database, 'CREATE TABLE firstdb.kept (n INT)')
    await ask(database, 'INSERT INTO firstdb.kept VALUES (7)')
    const before = kill(database)
    await until('it answers again', async () => pidOf(database) !== before && (await answers(database)))
    expect(await ask(database, 'SELECT n FROM firstdb.kept')).toEqual([7])
    expect(failures).toEqual([])
  })

  test('comes back also when it is killed before anybody has heard of it', async () => {
    const own = await createOwn('early')
    await engines.stop(own.resourceId)
    const started = engines.start(own)
    await until('it is being started', () => pidOf(own) > 0)
    const before = kill(own)
    await started
    expect(pidOf(own)).not.toBe(before)
    expect(await answers(own)).toBe(true)
    expect(failures).toEqual([])
  })

  test('keeps data and users over a stop and a start', async () => {
    await ask(database, 'CREATE TABLE firstdb.stays (n INT)')
    const port = await plane.gateway.open(database.resourceId, database.port)
    const before = pidOf(database)
    await engines.stop(database.resourceId)
    expect(isAlive(before)).toBe(false)
    expect(await refusal(database, {})).toContain('ECONNRESET')
    await engines.start(database)
    expect(await plane.gateway.open(database.resourceId, database.port)).toBe(port)
    expect(await ask(database, "SHOW TABLES FROM firstdb LIKE 'stays'")).toEqual(['stays'])
  })

  test('takes a new password, and no longer the old one', async () => {
    const own = await createOwn('password')
    await engines.setMasterPassword(own, 'another-pass')
    expect(await refusal(own, {})).toContain('ER_ACCESS_DENIED_ERROR')
    expect(await ask(own, 'SELECT 1', { password: 'another-pass' })).toEqual([1])
  })
})

describe('an engine that cannot run', () => {
  const breakIt = (broken: Database) =>
    rmSync(join(plane.places.database(broken.resourceId), 'server-key.pem'))

  test('says why when it is started', async () => {
    const own = await createOwn('broken')
    await engines.stop(own.resourceId)
    breakIt(own)
    await expect(engines.start(own)).rejects.toThrow(/^The engine ended again and again: .*\[ERROR\]/)
    expect(pidOf(own)).toBe(0)
  })

  test('fails its database, with the reason, when it had to come back', async () => {
    const own = await createOwn('lost-key')
    breakIt(own)
    kill(own)
    await until('it is reported', () => failures.length > 0)
    expect(failures.splice(0)).toEqual([
      expect.stringMatching(/^lost-key: The engine ended again and again: .*\[ERROR\]/),
    ])
  })

  test('fails its database when it ends again and again', async () => {
    const own = await createOwn('crashing')
    for (let crash = 1; crash <= 4; crash += 1) {
      const before = kill(own)
      await until(
        'it is back or given up',
        async () => failures.length > 0 || (pidOf(own) !== before && (await answers(own))),
      )
    }
    expect(failures.splice(0)).toEqual([
      expect.stringMatching(/^crashing: The engine ended again and again: /),
    ])
    expect(pidOf(own)).toBe(0)
  })

  test('is neither started again nor failed when it is stopped while it comes back', async () => {
    const own = await createOwn('stopped')
    kill(own)
    await until('it was noticed', () =>
      plane.logged.some((line) => line.startsWith('engine of stopped ended')),
    )
    await engines.stop(own.resourceId)
    await until('it stays away', () => pidOf(own) === 0)
    expect(await answers(own)).toBe(false)
    expect(failures.splice(0)).toEqual([])
    await engines.start(own)
    expect(await answers(own)).toBe(true)
  })
})

test('a database that is destroyed while it starts does not fail, and leaves as little', async () => {
  const own = await create('hasty')
  await engines.stop(own.resourceId)
  const started = engines.start(own)
  await until('it is being started', () => pidOf(own) > 0)
  await engines.destroy(own.resourceId)
  await started
  expect(pidOf(own)).toBe(0)
  expect(Object.keys(plane.cloud.state.ports)).not.toContain(`${own.resourceId}:3306`)
  expect(existsSync(plane.places.database(own.resourceId))).toBe(false)
  expect(failures).toEqual([])
})

test('a destroyed database leaves no file, no process and no port', async () => {
  const own = await create('destroyed')
  const [pid, port] = [pidOf(own), await plane.gateway.open(own.resourceId, own.port)]
  await engines.destroy(own.resourceId)
  expect(isAlive(pid)).toBe(false)
  expect(existsSync(plane.places.database(own.resourceId))).toBe(false)
  expect(existsSync(plane.places.sockets(own.resourceId))).toBe(false)
  expect(Object.values(plane.cloud.state.ports)).not.toContain(port)
})

test.skipIf(process.platform !== 'linux')('a start leaves no file open', async () => {
  const open = () => readdirSync('/proc/self/fd').length
  const before = open()
  await engines.stop(database.resourceId)
  await engines.start(database)
  await until('all is closed', () => open() <= before)
})
