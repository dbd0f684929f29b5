import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { createServer as createMysqlServer } from 'mysql2'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import type { Host } from '../../src/lab/ports/host.ts'
import { newPassword, Secret } from '../../src/lab/secret.ts'
import { createSql } from '../../src/remote/mysql.ts'
import { startMariadb, type TestDatabase } from '../support/mariadb.ts'
import { standIn } from '../support/stand-in.ts'

const EVERYTHING = 0xff_ff_ff

/** A database that greets, and says no more. */
async function openGreeting(): Promise<number> {
  const server = createMysqlServer((connection) => {
    connection.on('error', () => {})
    connection.serverHandshake({
      protocolVersion: 10,
      serverVersion: '8.4.0',
      connectionId: 1,
      statusFlags: 2,
      characterSet: 255,
      capabilityFlags: EVERYTHING,
    })
  })
  // Its own listen() knows no address.
  const { _server } = server as typeof server & { readonly _server: Server }
  await once(_server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void _server.close())
  return (_server.address() as { port: number }).port
}

test('a connection that is closed in the middle of its beginning ends in a finding, and not the process', async () => {
  const port = await openGreeting()
  const host = standIn<Host>('host', {
    tunnel: async () => {
      const socket = connect(port, '127.0.0.1')
      // The SSH connection under it is closed while TLS is being agreed upon.
      socket.once('data', () => setImmediate(() => socket.destroy()))
      return socket
    },
  })
  const attempt = createSql('')(host, {
    endpoint: { host: 'localhost', port },
    user: 'admin',
    password: newPassword(),
    database: 'flaskdb',
  })
  const error = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LabError)
  expect((error as LabError).finding.what).toContain(
    'The connection of admin to the database at localhost fails',
  )
})

describe('a database that answers', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await startMariadb()
    await database.query("CREATE USER admin@'%' IDENTIFIED BY 'right'; CREATE USER shut@'%' ACCOUNT LOCK")
  })
  afterAll(() => database.remove())

  const logIn = (ca: string, user: string, password: string, host = 'localhost') => {
    const { port } = database
    const tunnel = async () => connect(port, 'localhost')
    const login = { user, password: new Secret(password), database: 'information_schema' }
    return createSql(ca)(standIn<Host>('host', { tunnel }), { endpoint: { host, port }, ...login })
  }
  const failureOf = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'it succeeds',
      (error: LabError) => error.code,
    )

  test('a refused login and a certificate that is not trusted are told apart', async () => {
    const ca = readFileSync(database.caFile, 'utf8')
    const { cert: other } = await generate([{ name: 'commonName', value: 'another authority' }])
    await (await logIn(ca, 'admin', 'right')).close()
    expect(await failureOf(logIn(ca, 'admin', 'wrong'))).toBe('login-refused')
    expect(await failureOf(logIn(ca, 'shut', ''))).toBe('login-refused')
    expect(await failureOf(logIn(other, 'admin', 'right'))).toBe('untrusted')
    expect(await failureOf(logIn(ca, 'admin', 'right', 'db.example'))).toBe('untrusted')
  })
})
