import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/practice/machine/disk.ts'
import { loopbackSocketName, openSocketName } from '../../src/practice/network/socket-names.ts'
import type { Instance } from '../../src/practice/state.ts'
import {
  addGroup,
  addInstance,
  type DataPlane,
  diskOf,
  installNode,
  listeningPorts,
  makeDataPlane,
  rule,
  runOn,
  startOn,
  writeProgram,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

let plane: DataPlane
let instance: Instance
let disk: Disk
let port: number

beforeAll(async () => {
  plane = makeDataPlane()
  const web = addGroup(plane, [rule('ingress', 5000, '0.0.0.0/0')])
  instance = addInstance(plane, { groupIds: [web.id] })
  disk = diskOf(plane, instance)
  await installNode(disk)
  port = await plane.gateway.open(instance.id, 5000)
})
afterAll(() => plane.remove())

interface Program {
  readonly pid: number
  said(): string
  complained(): string
  over(): boolean
  kill(name: NodeJS.Signals): Promise<void>
}

/** Runs a Node program on the server and waits until it has said `up`; it ends with the test. */
async function start(script: string): Promise<Program> {
  const program = launch(script)
  await until(`it is up: ${program.complained()}`, () => program.said().includes('up\n') || program.over())
  return program
}

let programs = 0
function launch(script: string): Program {
  programs += 1
  const file = writeProgram(disk, `program-${programs}.mjs`, script)
  const child = startOn(disk, `exec node ${file}`)
  let said = ''
  let complained = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    said += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    complained += chunk
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = async (name: NodeJS.Signals) => {
    child.kill(name)
    await closed
  }
  onTestFinished(() => kill('SIGKILL'))
  return {
    pid: child.pid ?? 0,
    said: () => said,
    complained: () => complained,
    over: () => child.exitCode !== null,
    kill,
  }
}

/** An HTTP server that answers with what it knows of its client; `listen` is how it is told to listen. */
const app = (listen = "5000, '0.0.0.0'") => `
  import { createServer } from 'node:http'
  const server = createServer(async (request, response) => {
    let size = 0
    for await (const chunk of request) size += chunk.length
    if (request.url === '/large') return response.end(Buffer.alloc(5_000_000, 'flask'))
    response.end(JSON.stringify({ from: request.socket.remoteAddress, url: request.url, size }))
  })
  server.on('error', (error) => console.log(error.code, error.message, 'up'))
  server.listen(${listen}, () => console.log(JSON.stringify(server.address()) + 'up'))
`

const fromLaptop = (path: string, init?: RequestInit) =>
  fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(10_000), ...init })

/** The output of a script on the server. */
async function onServer(script: string): Promise<string> {
  const { stdout, stderr } = await runOn(disk, `node ${writeProgram(disk, 'client.mjs', script)}`)
  return stdout + stderr
}

describe('a program that listens on 0.0.0.0:5000', () => {
  test.each([
    ['a port and a host', "5000, '0.0.0.0'"],
    ['a port alone', '5000'],
    ['a port as text', "'5000'"],
    ['an object', "{ port: 5000, host: '0.0.0.0' }"],
    ['any IPv6 address', "5000, '::'"],
    ['its private address', "5000, '172.31.0.10'"],
  ])('given as %s, is reached through the gateway and sees who asks', async (_, listen) => {
    await start(app(listen))
    expect(await (await fromLaptop('/hello')).json()).toEqual({ from: '203.0.113.7', url: '/hello', size: 0 })
  })

  test('believes to listen there, and opens no port on the laptop', async () => {
    const program = await start(app())
    expect(program.said()).toBe('{"address":"0.0.0.0","port":5000,"family":"IPv4"}up\n')
    expect(listeningPorts(program.pid)).toEqual([])
    expect((await runOn(disk, 'ss -ltn')).stdout).toMatch(/^LISTEN .* 0\.0\.0\.0:5000 +0\.0\.0\.0:\*$/m)
    expect((await runOn(disk, 'sudo ss -ltnp')).stdout).toContain(`("node",pid=${program.pid},`)
  })

  test('is reached from the server itself by every kind of client', async () => {
    await start(app())
    const answer = '{"from":"127.0.0.1","url":"/x","size":0}\n'
    for (const host of ['localhost', '127.0.0.1', '0.0.0.0']) {
      expect(await onServer(`console.log(await (await fetch('http://${host}:5000/x')).text())`)).toBe(answer)
    }
    expect(
      await onServer(`
        import { get, Agent } from 'node:http'
        import { text } from 'node:stream/consumers'
        get({ port: 5000, path: '/x', agent: new Agent({ keepAlive: false }) }, async (r) => console.log(await text(r)))`),
    ).toBe(answer)
    expect(
      await onServer(`
        import { connect } from 'node:net'
        const socket = connect(5000, () => socket.end('GET /x HTTP/1.0\\r\\n\\r\\n'))
        socket.on('data', (data) => console.log(String(data).split('\\r\\n\\r\\n')[1]))`),
    ).toBe(answer)
    expect((await runOn(disk, 'curl -sS http://localhost:5000/x; echo')).stdout).toBe(answer)
    expect((await runOn(disk, 'curl -sS --max-time 5 localhost:5000/x; echo')).stdout).toBe(answer)
  })

  test('takes and sends large bodies, whole', async () => {
    await start(app())
    const sent = await fromLaptop('/', { method: 'POST', body: randomBytes(5_000_000) })
    expect(await sent.json()).toMatchObject({ size: 5_000_000 })
    const received = Buffer.from(await (await fromLaptop('/large')).arrayBuffer())
    expect(received.equals(Buffer.alloc(5_000_000, 'flask'))).toBe(true)
  })

  test('answers several requests on one connection', async () => {
    await start(app())
    const socket = createConnection({ host: '127.0.0.1', port })
    onTestFinished(() => void socket.destroy())
    const answers = text(socket)
    const ask = (path: string, how = 'keep-alive') =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: ${how}\r\n\r\n`
    socket.write(ask('/1') + ask('/2'))
    socket.write(ask('/3', 'close'))
    expect((await answers).match(/"url":"[^"]*"/g)).toEqual(['"url":"/1"', '"url":"/2"', '"url":"/3"'])
  })

  test('answers what comes byte by byte', async () => {
    await start(app())
    const socket = createConnection({ host: '127.0.0.1', port, noDelay: true })
    onTestFinished(() => void socket.destroy())
    const answer = text(socket)
    for (const letter of 'POST /x HTTP/1.0\r\nContent-Length: 2\r\n\r\nab') {
      await new Promise((resolve) => socket.write(letter, resolve))
    }
    expect(await answer).toContain('"size":2')
  })

  test("believes the gateway, not a client that names itself another's", async () => {
    await start(app())
    const socket = createConnection({ host: '127.0.0.1', port })
    onTestFinished(() => void socket.destroy())
    socket.end('PROXY TCP4 127.0.0.1 127.0.0.1 1 5000\r\nGET / HTTP/1.0\r\n\r\n')
    expect(await text(socket)).toContain('400 Bad Request')
  })
})

describe('a program that listens on 127.0.0.1:5000', () => {
  test.each(["5000, '127.0.0.1'", "5000, 'localhost'", "{ port: 5000, host: '127.0.0.1' }"])(
    'given as %s, is refused to the laptop and answers the server itself',
    async (listen) => {
      await start(app(listen))
      await expect(fromLaptop('/x')).rejects.toThrow('fetch failed')
      expect(await onServer("console.log(await (await fetch('http://localhost:5000/x')).text())")).toBe(
        '{"from":"127.0.0.1","url":"/x","size":0}\n',
      )
      expect((await runOn(disk, 'curl -sS http://127.0.0.1:5000/x')).stdout).toContain('"url":"/x"')
      expect((await runOn(disk, 'ss -ltn')).stdout).toMatch(/^LISTEN .* 127\.0\.0\.1:5000 /m)
    },
  )
})

describe('a port', () => {
  test.each([
    ["5000, '0.0.0.0'", "5000, '0.0.0.0'"],
    ["5000, '0.0.0.0'", "5000, '127.0.0.1'"],
    ["5000, '127.0.0.1'", '5000'],
  ])('that is held by %s is refused to %s', async (first, second) => {
    await start(app(first))
    const late = await start(app(second))
    expect(late.said()).toMatch(
      /^EADDRINUSE listen EADDRINUSE: address already in use (0\.0\.0\.0|127\.0\.0\.1):5000 up\n$/,
    )
    expect((await fromLaptop('/x').catch(() => undefined))?.ok).toBe(first.includes('0.0.0.0') || undefined)
  })

  test('that a killed program held is free again, and no longer shown', async () => {
    const killed = await start(app())
    await killed.kill('SIGKILL')
    await expect(fromLaptop('/x')).rejects.toThrow('fetch failed')
    expect((await runOn(disk, 'ss -ltn')).stdout).not.toContain(':5000')
    await start(app())
    expect((await fromLaptop('/x')).status).toBe(200)
  })

  test('that a program let go is free at once', async () => {
    const program = await start(`
      import { createServer } from 'node:http'
      const listen = () => new Promise((resolve) => {
        const server = createServer((_, response) => response.end('x')).listen(5000, () => resolve(server))
      })
      const first = await listen()
      first.close(async () => { await listen(); console.log('up') })`)
    expect(program.complained()).toBe('')
    expect((await fromLaptop('/x')).status).toBe(200)
  })

  test('0 is one that is free', async () => {
    const program = await start(`
      import { createServer } from 'node:net'
      const listen = () => new Promise((resolve) => { const server = createServer().listen(0, () => resolve(server.address().port)) })
      console.log(JSON.stringify([await listen(), await listen()]) + 'up')`)
    const ports = JSON.parse(program.said().replace('up\n', '')) as number[]
    expect(new Set(ports).size).toBe(2)
    expect(Math.min(...ports)).toBeGreaterThan(1023)
    expect(listeningPorts(program.pid)).toEqual([])
  })

  test('that does not exist is refused by Node itself', async () => {
    expect(await onServer("import { createServer } from 'node:net'; createServer().listen(70000)")).toContain(
      'ERR_SOCKET_BAD_PORT',
    )
  })

  test('that stands for one of ours is nowhere when nothing listens', async () => {
    expect(
      await onServer("await fetch('http://localhost:5001').catch((error) => console.log(error.cause.code))"),
    ).toBe('ECONNREFUSED\n')
  })
})

describe('a plain TCP server', () => {
  test('that listens late to its sockets misses nothing', async () => {
    await start(`
      import { createServer } from 'node:net'
      createServer(async (socket) => {
        await new Promise((resolve) => setTimeout(resolve, 100))
        socket.pipe(socket)
      }).listen(5000, () => console.log('up'))`)
    const socket = createConnection({ host: '127.0.0.1', port })
    socket.write('first ')
    socket.end('second')
    expect(await text(socket)).toBe('first second')
  })

  test('that speaks first is heard', async () => {
    await start(`
      import { createServer } from 'node:net'
      createServer((socket) => socket.end('hello ' + socket.remoteAddress)).listen(5000, () => console.log('up'))`)
    const socket = createConnection({ host: '127.0.0.1', port })
    expect(await text(socket)).toBe('hello 203.0.113.7')
  })

  test('carries 5 MB and back, whole', async () => {
    await start(`
      import { createServer } from 'node:net'
      createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket)).listen(5000, () => console.log('up'))`)
    const sent = randomBytes(5_000_000)
    const socket = createConnection({ host: '127.0.0.1', port })
    const received = buffer(socket)
    socket.end(sent)
    expect((await received).equals(sent)).toBe(true)
  })

  test('survives clients that come and go', async () => {
    const program = await start(app())
    for (let round = 0; round < 20; round += 1) {
      const socket = createConnection({ path: join(disk.sockets, openSocketName(5000)) })
      socket.on('error', () => {})
      await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
      if (round % 2) socket.write('PROXY TCP4')
      socket.destroy()
    }
    expect((await fromLaptop('/x')).status).toBe(200)
    expect(program.over()).toBe(false)
  })
})

test('a pipe that a program listens on by its path is left alone', async () => {
  const path = join(disk.home, 'own.sock')
  await start(`
    import { createServer } from 'node:http'
    createServer((_, response) => response.end('own')).listen('${path}', () => console.log('up'))`)
  const answer = await new Promise<string>((resolve, reject) => {
    request({ socketPath: path, path: '/' }, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  expect(answer).toBe('own')
  expect(
    await onServer(`
    import { get } from 'node:http'
    import { text } from 'node:stream/consumers'
    get({ socketPath: '${path}' }, async (response) => console.log(await text(response)))`),
  ).toBe('own\n')
})

test('a request to elsewhere goes its own way', async () => {
  const elsewhere = join(disk.sockets, loopbackSocketName(81))
  writeFileSync(elsewhere, '')
  expect(
    await onServer(
      "await fetch('http://127.0.0.1:9', { signal: AbortSignal.timeout(3000) }).catch((e) => console.log('failed'))",
    ),
  ).toBe('failed\n')
})
