import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, createConnection, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { isOnInternet } from '../../src/practice/network/internet-addresses.ts'
import { createInternetProxy, type Internet } from '../../src/practice/network/internet-proxy.ts'

const PUBLIC = '192.0.2.80'

/** A proxy in front of an internet that is one server, whichever address is dialled; it takes notes. */
async function openProxy(more: Partial<Internet> = {}) {
  const far = createServer((incoming, response) => {
    response.end(`${incoming.method} ${incoming.url} for ${incoming.headers.host}`)
  })
  const farPort = await listen(far)
  const dialled: string[] = []
  const resolved: string[] = []
  const proxy = createInternetProxy({
    decide: () => ({ passes: true, tracked: true }),
    isTrusted: () => false,
    resolve: async (host) => {
      resolved.push(host)
      return [PUBLIC]
    },
    dial: (address, port) => {
      dialled.push(`${address}:${port}`)
      return createConnection(farPort, '127.0.0.1')
    },
    ...more,
  })
  return { port: await listen(proxy), dialled, resolved }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

async function get(port: number, url: string) {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: url,
    headers: { host: 'ignored' },
    agent: false,
  }).end()
  const [answer] = await once(asked, 'response')
  return { status: answer.statusCode as number, text: await text(answer) }
}

/** Asks one plain request through a tunnel, for all that comes back. */
async function through(port: number, to: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(`CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\nGET /inside HTTP/1.0\r\n\r\n`)
  return text(socket)
}

test('plain HTTP is asked for at the address that the name has, with its own host', async () => {
  const { port, dialled, resolved } = await openProxy()
  expect(await get(port, 'http://example.com/a?b=c')).toEqual({
    status: 200,
    text: 'GET /a?b=c for example.com',
  })
  expect({ dialled, resolved }).toEqual({ dialled: [`${PUBLIC}:80`], resolved: ['example.com'] })
})

test('a tunnel passes all on, also what was sent with the request for it', async () => {
  const { port, dialled } = await openProxy()
  expect(await through(port, 'example.com:443')).toMatch(
    /^HTTP\/1\.1 200 Connection established\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*GET \/inside/,
  )
  expect(dialled).toEqual([`${PUBLIC}:443`])
})

test.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00::1'])(
  'a name that leads to %s is refused, by a tunnel and plainly',
  async (address) => {
    const { port, dialled } = await openProxy({ resolve: async () => [address] })
    expect((await get(port, 'http://rebound.example/')).status).toBe(403)
    expect(await through(port, 'rebound.example:22')).toMatch(/^HTTP\/1\.1 403 /)
    expect(dialled).toEqual([])
  },
)

test('such an address itself is refused as well, and needs no resolving', async () => {
  const { port, resolved } = await openProxy()
  for (const host of ['127.0.0.1', '[::1]', '0x7f.1', '2130706433'])
    expect((await get(port, `http://${host}/`)).status).toBe(403)
  expect(resolved).toEqual([])
})

test('a host that the laptop’s own settings name is reached wherever it is', async () => {
  const { port, dialled } = await openProxy({
    isTrusted: (host, at) => host === 'registry.home' && at === 8080,
    resolve: async () => ['192.168.1.5'],
  })
  expect((await get(port, 'http://registry.home:8080/')).status).toBe(200)
  expect((await get(port, 'http://registry.home/')).status).toBe(403)
  expect(dialled).toEqual(['192.168.1.5:8080'])
})

test('where the rules block it there is no answer, until the client gives up', async () => {
  const { port, dialled } = await openProxy({ decide: () => ({ passes: false, droppedBy: 'egress rules' }) })
  const asked = request({
    host: '127.0.0.1',
    port,
    path: 'http://example.com/',
    agent: false,
    timeout: 300,
  }).end()
  const first = await Promise.race([
    once(asked, 'timeout').then(() => 'silence'),
    once(asked, 'response').then(() => 'an answer'),
  ])
  asked.on('error', () => {}).destroy()
  expect({ first, dialled }).toEqual({ first: 'silence', dialled: [] })
})

test('the rules are asked with who dials, where to, and the port', async () => {
  const asked: unknown[] = []
  const { port } = await openProxy({
    decide: (...words) => {
      asked.push(words)
      return { passes: true, tracked: true }
    },
  })
  await get(port, 'http://example.com:8000/')
  expect(asked).toEqual([['127.0.0.1', PUBLIC, 8000]])
})

test('a name that nobody knows, a far end that refuses, and nonsense are answered', async () => {
  const unknown = await openProxy({ resolve: () => Promise.reject(new Error('ENOTFOUND')) })
  expect((await get(unknown.port, 'http://nowhere.example/')).status).toBe(502)
  const closed = createTcpServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port: nobody } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const refused = await openProxy({ dial: () => createConnection(nobody, '127.0.0.1') })
  expect((await get(refused.port, 'http://example.com/')).status).toBe(502)
  expect(await through(refused.port, 'example.com:443')).toMatch(/^HTTP\/1\.1 502 /)
  expect((await get(refused.port, '/just-a-path')).status).toBe(400)
  expect((await get(refused.port, 'ftp://example.com/')).status).toBe(400)
})

test.each([
  ['93.184.216.34', true],
  ['172.15.255.255', true],
  ['172.16.0.1', false],
  ['100.64.0.1', false],
  ['255.255.255.255', false],
  ['2606:2800:220:1::1', true],
  ['fe80::1', false],
  ['::ffff:10.0.0.1', false],
  ['64:ff9b::7f00:1', false],
])('whether %s is on the internet: %s', (address, isIt) => {
  expect(isOnInternet(address)).toBe(isIt)
})
