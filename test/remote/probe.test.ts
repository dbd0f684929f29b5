import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { probe } from '../../src/remote/probe.ts'

async function listening(onConnection: (socket: Socket) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}))
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, server }
}

test('whoever says a word answers, by itself or once spoken to', async () => {
  const greeting = await listening((socket) => socket.write('SSH-2.0'))
  const asked = await listening((socket) => socket.once('data', () => socket.write('HTTP/1.1 200')))
  expect(await probe(greeting, { forMs: 2_000 })).toBe('answers')
  expect(await probe(asked, { forMs: 2_000, say: 'HEAD / HTTP/1.0' })).toBe('answers')
})

test('whoever hangs up without a word, or resets the connection, refuses', async () => {
  const polite = await listening((socket) => socket.end())
  const rude = await listening((socket) => socket.resetAndDestroy())
  expect(await probe(polite, { forMs: 2_000 })).toBe('refused')
  expect(await probe(rude, { forMs: 2_000, say: 'HEAD / HTTP/1.0' })).toBe('refused')
})

test('where nobody listens it is refused', async () => {
  const { host, port, server } = await listening(() => {})
  server.close()
  await once(server, 'close')
  expect(await probe({ host, port }, { forMs: 2_000 })).toBe('refused')
})

test('who accepts and says nothing is silent, once the time is up', async () => {
  expect(await probe(await listening(() => {}), { forMs: 100 })).toBe('silent')
})
