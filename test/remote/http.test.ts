import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import { browse, publicAddress } from '../../src/remote/http.ts'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer(answer)
  servers.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port.')
  return { url: `http://127.0.0.1:${address.port}`, server }
}

test('a page is its status and its text, whatever the status', async () => {
  const { url } = await serve((_, response) => response.writeHead(418).end('Grüße'))
  expect(await browse(`${url}/`)).toEqual({ status: 418, text: 'Grüße' })
})

test('a form is posted as a browser posts it', async () => {
  const asked: string[] = []
  const { url } = await serve(async (request, response) => {
    const { method, url: path, headers } = request
    asked.push(`${method} ${path} ${headers['content-type']} ${await text(request)}`)
    response.end()
  })
  await browse(`${url}/register`, new URLSearchParams({ uname: 'Renée & co', pwd: 'a+b=c' }))
  expect(asked).toEqual([
    'POST /register application/x-www-form-urlencoded;charset=UTF-8 uname=Ren%C3%A9e+%26+co&pwd=a%2Bb%3Dc',
  ])
})

test('every call is a connection of its own, which the present rules must allow', async () => {
  const ports = new Set<number | undefined>()
  const { url } = await serve((request, response) => {
    ports.add(request.socket.remotePort)
    response.end('ok')
  })
  for (let call = 0; call < 3; call++) await browse(url)
  expect(ports.size).toBe(3)
})

test('a closed port is told as refused', async () => {
  const { url, server } = await serve(() => {})
  await new Promise((resolve) => server.close(resolve))
  await expect(browse(`${url}/`)).rejects.toThrow(`${url}/: ECONNREFUSED`)
})

test('a name that does not exist is told as not found', async () => {
  await expect(browse('http://nowhere.invalid/')).rejects.toThrow(
    /^http:\/\/nowhere\.invalid\/: (ENOTFOUND|EAI_AGAIN)$/,
  )
})

test('a server that hangs up without an answer is an error, and at once', async () => {
  const { url } = await serve((request) => request.socket.destroy())
  await expect(browse(url)).rejects.toThrow(/^http:\/\/127.0.0.1:\d+: (UND_ERR_SOCKET|ECONNRESET)$/)
})

test.concurrent('a server that does not answer is told with how long it was waited for', async () => {
  const { url } = await serve(() => {})
  await expect(browse(url)).rejects.toThrow(`${url}: no answer within 10 s`)
})

test.concurrent('a server that stops in the middle of a page is told so too', async () => {
  const { url } = await serve((_, response) => void response.writeHead(200).write('<html>'))
  await expect(browse(url)).rejects.toThrow(`${url}: no answer within 10 s`)
})

test('my address is what the service says, without its line end', async () => {
  const { url } = await serve((_, response) => response.end('203.0.113.7\n'))
  expect(await publicAddress(url)).toBe('203.0.113.7')
})

test.each([
  [
    'a log-in page',
    (_: IncomingMessage, response: ServerResponse) => void response.end('<html>Welcome to the campus</html>'),
  ],
  ['an IPv6 address', (_: IncomingMessage, response: ServerResponse) => void response.end('2001:db8::1\n')],
  ['nothing', (request: IncomingMessage) => void request.socket.destroy()],
])('%s instead of an address is a finding that names the flag', async (_, answer) => {
  const { url } = await serve(answer)
  const error = await publicAddress(url).catch((thrown: unknown) => thrown)
  if (!(error instanceof LabError)) throw error
  expect(error.finding).toEqual({
    what: 'The address from which AWS sees you come can’t be found out.',
    why: expect.stringContaining(url),
    remedy: {
      say: 'Check the internet connection; or say yourself which addresses may use SSH.',
      run: ['flasklab up', 'flasklab up --ssh-from 203.0.113.0/24'],
    },
  })
})
