import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { owningInstance } from '../../src/practice/network/owner.ts'
import { INSTANCE_MARK } from '../../src/practice/processes.ts'

/** The owner of a connection that a process dials with this environment and as this user. */
async function ownerOf(environment: Record<string, string>, uid?: number): Promise<string | undefined> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  // A process of the system's: another user may not read where Node lies.
  const dial = `exec 3<>/dev/tcp/127.0.0.1/${port}; read -u 3`
  const child = spawn('/bin/bash', ['-c', dial], {
    cwd: '/',
    env: environment,
    stdio: 'ignore',
    ...(uid === undefined ? {} : { uid }),
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
    server.close()
  })
  const [socket] = (await once(server, 'connection')) as [Socket]
  socket.on('error', () => {})
  return owningInstance(socket.remotePort ?? 0, port)
}

test("a connection is an instance's by the mark of its process", async () => {
  expect(await ownerOf({ [INSTANCE_MARK]: 'i-0123' })).toBe('i-0123')
  expect(await ownerOf({})).toBeUndefined()
})

test.skipIf(process.getuid?.() !== 0)("another user's process can't pass for an instance's", async () => {
  expect(await ownerOf({ [INSTANCE_MARK]: 'i-0123' }, 12_345)).toBeUndefined()
})
