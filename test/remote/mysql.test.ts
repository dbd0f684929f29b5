import { once } from 'node:events'
import { connect, type Server } from 'node:net'
import { createServer as createMysqlServer } from 'mysql2'
import { expect, onTestFinished, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import type { Host } from '../../src/lab/ports.ts'
import { newPassword } from '../../src/lab/secret.ts'
import { createSql } from '../../src/remote/mysql.ts'

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
  const { _server } = server as unknown as { _server: Server }
  await once(_server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void _server.close())
  return (_server.address() as { port: number }).port
}

test('a connection that is closed in the middle of its beginning ends in a finding, and not the process', async () => {
  const port = await openGreeting()
  const host = {
    tunnel: async () => {
      const socket = connect(port, '127.0.0.1')
      // The SSH connection under it is closed while TLS is being agreed upon.
      socket.once('data', () => setImmediate(() => socket.destroy()))
      return socket
    },
  } as unknown as Host
  const attempt = createSql('')(host, {
    endpoint: { host: 'localhost', port },
    user: 'admin',
    password: newPassword(),
    database: 'flaskdb',
  })
  const error = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(LabError)
  expect((error as LabError).finding.what).toContain('does not let admin in')
})
