import { spawn } from 'node:child_process'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Source } from '../../src/practice/network/evaluate-connection.ts'
import { INSTANCE_MARK, PRACTICE_MARK } from '../../src/practice/processes.ts'
import type { Instance, NetworkAcl } from '../../src/practice/state.ts'
import {
  addDatabase,
  addGroup,
  addInstance,
  LAPTOP,
  listenInside,
  openDataPlane,
  rule,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

/** The lab's network: a server with the app, a second server, a private database; something listens on each port. */
async function openLab() {
  const plane = openDataPlane()
  const web = addGroup(plane, [rule('ingress', 22, `${LAPTOP}/32`), rule('ingress', 5000, `${LAPTOP}/32`)])
  const client = addGroup(plane)
  const guard = addGroup(plane, [rule('ingress', 3306, client.id)])
  const server = addInstance(plane, { groupIds: [web.id, client.id] })
  const other = addInstance(plane, { groupIds: [client.id] })
  const database = addDatabase(plane, { groupIds: [guard.id] })
  const inside = {
    ssh: await listenInside(plane, server.id, 22),
    app: await listenInside(plane, server.id, 5000),
    database: await listenInside(plane, database.resourceId, 3306),
  }
  const ports = {
    ssh: await plane.gateway.open(server.id, 22),
    app: await plane.gateway.open(server.id, 5000),
    database: await plane.gateway.open(database.resourceId, 3306),
  }
  return { plane, web, client, guard, server, other, database, inside, ports }
}

type Lab = Awaited<ReturnType<typeof openLab>>

/** A connection to the gateway, with what came of it so far. */
interface Attempt {
  said(): string
  /** `refused`, `closed` or, as long as it stands, undefined. */
  over(): string | undefined
  write(text: string): void
  giveUp(): void
}

function fromLaptop(port: number): Attempt {
  const socket = createConnection({ host: '127.0.0.1', port })
  onTestFinished(() => void socket.destroy())
  return watch(socket)
}

function watch(socket: Socket): Attempt {
  let said = ''
  let over: string | undefined
  socket.setEncoding('latin1').on('data', (text) => {
    said += text
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    over = error.code === 'ECONNRESET' ? 'refused' : error.message
  })
  socket.on('close', () => {
    over ??= 'closed'
  })
  return {
    said: () => said,
    over: () => over,
    write: (text) => void socket.write(text),
    giveUp: () => void socket.destroy(),
  }
}

/** As a program on the instance: a process of its own, with the instance's environment. */
function fromInstance({ plane }: Lab, instance: Instance, port: number): Attempt {
  const env = { PATH: process.env['PATH'], [INSTANCE_MARK]: instance.id, [PRACTICE_MARK]: plane.places.root }
  const child = spawn(
    '/bin/bash',
    ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}; exec 4<&0; cat <&4 >&3 & exec cat <&3`],
    { env },
  )
  let said = ''
  let complaint = ''
  let over: string | undefined
  child.stdin.on('error', () => {})
  child.stdout.setEncoding('latin1').on('data', (text) => {
    said += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text
  })
  child.on('close', () => {
    over = complaint.includes('Connection reset') ? 'refused' : 'closed'
  })
  return {
    said: () => said,
    over: () => over,
    write: (text) => void child.stdin.write(text),
    giveUp: () => void child.kill('SIGKILL'),
  }
}

/** Through an SSH tunnel that ends on the instance. */
function throughTunnel({ plane }: Lab, instance: Instance, port: number): Attempt {
  const gone = new AbortController()
  const source: Source = { kind: 'instance', instance }
  const near = new PassThrough()
  let inside: Socket | undefined
  let over: string | undefined
  let said = ''
  plane.gateway.dial(source, 'localhost', port, gone.signal).then(
    (socket) => {
      inside = socket.setEncoding('latin1').on('data', (text) => {
        said += text
      })
      near.pipe(socket)
    },
    () => {
      over = 'refused'
    },
  )
  onTestFinished(() => {
    gone.abort()
    inside?.destroy()
  })
  return {
    said: () => said,
    over: () => over,
    write: (text) => void near.write(text),
    giveUp: () => gone.abort(),
  }
}

/** The outcome of a new connection: who was announced inside, `refused`, or where it was blocked. */
async function outcome({ plane }: Lab, attempt: () => Attempt): Promise<string> {
  const blockedBefore = plane.logged.length
  const { said, over, giveUp } = attempt()
  const blocked = () => plane.logged.slice(blockedBefore).find((line) => line.startsWith('blocked'))
  await until(
    'something comes of it',
    () => said().includes('\n') || over() !== undefined || blocked() !== undefined,
  )
  if (blocked() !== undefined) expect({ said: said(), over: over() }).toEqual({ said: '', over: undefined })
  giveUp()
  return (
    over() ??
    (said() === '' ? (/\(.*\)/.exec(blocked() ?? '')?.[0] ?? 'nothing') : (said().split(/\r?\n/)[0] ?? ''))
  )
}

const deny = (acl: NetworkAcl | undefined, port: number) =>
  acl?.entries.push({
    number: 1,
    egress: false,
    protocol: '6',
    allow: false,
    cidr: '0.0.0.0/0',
    fromPort: port,
    toPort: port,
  })

const noInternet = ({ plane }: Lab) => {
  for (const table of plane.region.routeTables) table.routes = []
}

interface Way {
  from: string
  try: (lab: Lab) => Attempt
  allowed: string
  allow?: (lab: Lab) => void
  close: (lab: Lab) => void
  blocks: Record<string, (lab: Lab) => void>
}

const ways: Way[] = [
  {
    from: 'the laptop to SSH on the server',
    try: ({ ports }) => fromLaptop(ports.ssh),
    allowed: 'hello on port 22',
    close: ({ inside }) => void inside.ssh.close(),
    blocks: {
      'another port only (ingress rules)': ({ web }) =>
        web.rules.splice(0, 1, rule('ingress', 2222, '0.0.0.0/0')),
      'another address (ingress rules)': ({ web }) =>
        web.rules.splice(0, 1, rule('ingress', 22, '203.0.113.8/32')),
      'a group only (ingress rules)': ({ web, client }) =>
        web.rules.splice(0, 1, rule('ingress', 22, client.id)),
      '(no public address)': ({ server }) => {
        server.publicAddress = undefined
      },
      '(no route to the internet)': noInternet,
      '(network ACL)': ({ plane }) => deny(plane.region.networkAcls[0], 22),
      'a stopped server (no server)': ({ server }) => {
        server.state = 'stopped'
      },
    },
  },
  {
    from: 'the laptop to the app',
    try: ({ ports }) => hello(fromLaptop(ports.app)),
    allowed: 'PROXY TCP4 203.0.113.7 127.0.0.1 50000 5000',
    close: ({ inside }) => void inside.app.close(),
    blocks: {
      'another port only (ingress rules)': ({ web }) =>
        web.rules.splice(1, 1, rule('ingress', 80, '0.0.0.0/0')),
      'the address of before (ingress rules)': ({ plane }) => {
        plane.cloud.state.laptopAddress = '203.0.113.99'
      },
      '(no route to the internet)': noInternet,
      '(network ACL)': ({ plane }) => deny(plane.region.networkAcls[0], 5000),
    },
  },
  {
    from: 'the laptop to the database',
    try: ({ ports }) => hello(fromLaptop(ports.database)),
    allowed: 'PROXY TCP4 203.0.113.7 127.0.0.1 50000 3306',
    allow: ({ database, guard }) => {
      database.publiclyAccessible = true
      guard.rules.push(rule('ingress', 3306, `${LAPTOP}/32`))
    },
    close: ({ inside }) => void inside.database.close(),
    blocks: {
      'a private database (no public address)': ({ database }) => {
        database.publiclyAccessible = false
      },
      'a group only (ingress rules)': ({ guard }) => guard.rules.pop(),
      '(no route to the internet)': noInternet,
    },
  },
  {
    from: 'the server to the database',
    try: (lab) => hello(fromInstance(lab, lab.server, lab.ports.database)),
    allowed: 'PROXY TCP4 172.31.0.10 127.0.0.1 50000 3306',
    close: ({ inside }) => void inside.database.close(),
    blocks: {
      'another group (ingress rules)': ({ guard }) => {
        guard.rules = [rule('ingress', 3306, guard.id)]
      },
      'its group taken off (ingress rules)': ({ server, web }) => {
        server.groupIds = [web.id]
      },
      'the laptop only (ingress rules)': ({ guard }) => {
        guard.rules = [rule('ingress', 3306, `${LAPTOP}/32`)]
      },
      'no way out (egress rules)': ({ web, client }) => {
        for (const group of [web, client])
          group.rules = group.rules.filter((each) => each.direction === 'ingress')
      },
    },
  },
  {
    from: "the server's SSH tunnel to the database",
    try: (lab) => hello(throughTunnel(lab, lab.server, lab.ports.database)),
    allowed: 'PROXY TCP4 172.31.0.10 127.0.0.1 50000 3306',
    close: ({ inside }) => void inside.database.close(),
    blocks: {
      'its group taken off (ingress rules)': ({ server, web }) => {
        server.groupIds = [web.id]
      },
      'no way out (egress rules)': ({ web, client }) => {
        for (const group of [web, client])
          group.rules = group.rules.filter((each) => each.direction === 'ingress')
      },
    },
  },
  {
    from: 'another server to the app',
    try: (lab) => hello(fromInstance(lab, lab.other, lab.ports.app)),
    allowed: 'PROXY TCP4 172.31.0.11 127.0.0.1 50000 5000',
    allow: ({ web, client }) => web.rules.push(rule('ingress', 5000, client.id)),
    close: ({ inside }) => void inside.app.close(),
    blocks: {
      'the laptop only (ingress rules)': ({ web }) => web.rules.pop(),
      'a server without a public address (passes)': ({ server }) => {
        server.publicAddress = undefined
      },
    },
  },
]

describe.each(ways.map((way) => [way.from, way] as const))('from %s', (_, way) => {
  const { try: attempt, allowed, allow, close, blocks } = way

  async function openAllowed() {
    const lab = await openLab()
    allow?.(lab)
    return lab
  }

  test('it passes, and its source is announced', async () => {
    const lab = await openAllowed()
    expect(await outcome(lab, () => attempt(lab))).toBe(allowed)
  })

  test('it is refused when nobody listens', async () => {
    const lab = await openAllowed()
    close(lab)
    expect(await outcome(lab, () => attempt(lab))).toBe('refused')
  })

  test.each(Object.entries(blocks))('%s', async (name, block) => {
    const lab = await openAllowed()
    block(lab)
    const reason = /\(.*\)/.exec(name)?.[0]
    expect(await outcome(lab, () => attempt(lab))).toBe(reason === '(passes)' ? allowed : reason)
  })
})

/** Sends a first line, as a client does where the server waits for one. */
function hello(attempt: Attempt): Attempt {
  attempt.write('hello\n')
  return attempt
}

describe('a rule that changes', () => {
  test.each([
    ['the laptop', (lab: Lab) => fromLaptop(lab.ports.app)],
    ['another server', (lab: Lab) => fromInstance(lab, lab.other, lab.ports.app)],
    ["another server's tunnel", (lab: Lab) => throughTunnel(lab, lab.other, lab.ports.app)],
  ])('lets through what %s was still trying, with all that it had sent', async (_, attempt) => {
    const lab = await openLab()
    lab.web.rules = []
    lab.client.rules = [rule('egress', 'any', '0.0.0.0/0')]
    const held = attempt(lab)
    held.write('first ')
    await until('it is blocked', () => lab.plane.logged.some((line) => line.startsWith('blocked')))
    held.write('second\n')
    lab.web.rules = [rule('ingress', 5000, '0.0.0.0/0')]
    await until('it passes', () => held.said().includes('first second\n'), 5_000)
    expect(held.said()).toMatch(/^PROXY TCP4 \S+ 127.0.0.1 50000 5000\r\nfirst second\n$/)
  })

  test('closes the way to new connections, and leaves a tracked one alone', async () => {
    const lab = await openLab()
    const old = fromLaptop(lab.ports.ssh)
    await until('it is greeted', () => old.said() !== '')
    lab.web.rules = []
    expect(await outcome(lab, () => fromLaptop(lab.ports.ssh))).toBe('(ingress rules)')
    old.write('still there\n')
    await until('the old one works', () => old.said().endsWith('still there\n'))
  })

  test('cuts at once what is open to everyone, until it is opened again', async () => {
    const lab = await openLab()
    lab.web.rules = [rule('ingress', 5000, '0.0.0.0/0'), rule('egress', 'any', '0.0.0.0/0')]
    const old = hello(fromLaptop(lab.ports.app))
    await until('it passes', () => old.said().endsWith('hello\n'))
    const [open] = lab.web.rules.splice(0, 1)
    expect(await outcome(lab, () => fromLaptop(lab.ports.app))).toBe('(ingress rules)')
    const before = old.said()
    old.write('lost?\n')
    await until('its packets are dropped', () =>
      lab.plane.logged.some((line) => line.startsWith('cut: laptop')),
    )
    expect({ said: old.said(), over: old.over() }).toEqual({ said: before, over: undefined })
    if (open) lab.web.rules.push(open)
    await until('the sent text arrives in the end', () => old.said() === `${before}lost?\n`)
  })

  test.each([
    ['a network ACL', (lab: Lab) => deny(lab.plane.region.networkAcls[0], 22)],
    ['a lost route', noInternet],
  ])('in %s cuts even a tracked connection', async (_, cut) => {
    const lab = await openLab()
    const old = fromLaptop(lab.ports.ssh)
    await until('it is greeted', () => old.said() !== '')
    const before = old.said()
    cut(lab)
    old.write('anyone?\n')
    await until('its packets are dropped', () =>
      lab.plane.logged.some((line) => line.startsWith('cut: laptop')),
    )
    expect({ said: old.said(), over: old.over() }).toEqual({ said: before, over: undefined })
  })

  test('a cut connection whose client gives up is forgotten', async () => {
    const lab = await openLab()
    const old = fromLaptop(lab.ports.ssh)
    await until('it is greeted', () => old.said() !== '')
    noInternet(lab)
    old.write('anyone?\n')
    await until('its packets are dropped', () =>
      lab.plane.logged.some((line) => line.startsWith('cut: laptop')),
    )
    old.giveUp()
    await until('the far end is told', async () => (await connections(lab.inside.ssh)) === 0)
  })
})

describe('a blocked client that gives up frees its place', () => {
  const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

  test('on a port of the gateway', async () => {
    const lab = await openLab()
    lab.web.rules = []
    const before = sockets()
    const client = hello(fromLaptop(lab.ports.app))
    await until('it is blocked', () => lab.plane.logged.length > 0)
    expect(sockets()).toBe(before + 2)
    client.giveUp()
    await until('its place is free', () => sockets() === before, 3_000)
  })

  test('in an SSH tunnel', async () => {
    const lab = await openLab()
    lab.guard.rules = []
    const tunnel = throughTunnel(lab, lab.server, lab.ports.database)
    await until('it is blocked', () => lab.plane.logged.length > 0)
    tunnel.giveUp()
    await until('it is given up', () => tunnel.over() !== undefined, 3_000)
  })
})

describe('an SSH tunnel', () => {
  const dial = async ({ plane, server }: Lab, host: string, port: number) => {
    const source: Source = { kind: 'instance', instance: server }
    const socket = await plane.gateway.dial(source, host, port, AbortSignal.timeout(5_000))
    onTestFinished(() => void socket.destroy())
    return socket
  }

  test("reaches the server's own ports without any rule", async () => {
    const lab = await openLab()
    lab.web.rules = []
    for (const host of ['localhost', '127.0.0.1', '172.31.0.10']) {
      expect(hello(watch(await dial(lab, host, 5000)))).toBeDefined()
    }
  })

  test.each([['db.example.com', 3306]])(
    'is refused at %s:%i, where nothing of this cloud listens',
    async (host, port) => {
      await expect(dial(await openLab(), host, port)).rejects.toThrow(`Nothing listens on ${host}:${port}.`)
    },
  )

  test("takes another host's port for no database", async () => {
    const lab = await openLab()
    await expect(dial(lab, 'example.com', lab.ports.database)).rejects.toThrow(
      'Nothing listens on example.com',
    )
  })
})

describe('a connection that passes', () => {
  test('carries large bodies both ways, whole', async () => {
    const lab = await openLab()
    const sent = Buffer.alloc(5_000_000, 'flask')
    const socket = createConnection({ host: '127.0.0.1', port: lab.ports.app })
    onTestFinished(() => void socket.destroy())
    const received = buffer(socket)
    socket.end(sent)
    const line = 'PROXY TCP4 203.0.113.7 127.0.0.1 50000 5000\r\n'
    expect((await received).equals(Buffer.concat([Buffer.from(line), sent]))).toBe(true)
  })

  test.each([
    ['closed', (socket: Socket) => socket.destroy()],
    ['reset', (socket: Socket) => socket.resetAndDestroy()],
  ])('ends at both ends when it is %s', async (_, end) => {
    const lab = await openLab()
    const socket = createConnection({ host: '127.0.0.1', port: lab.ports.ssh })
    const client = watch(socket)
    await until('it is greeted', () => client.said() !== '')
    expect(await connections(lab.inside.ssh)).toBe(1)
    end(socket)
    await until('the far end is told', async () => (await connections(lab.inside.ssh)) === 0)
  })
})

describe('the ports of the gateway', () => {
  test('are below 32768, on loopback, and the same when asked for again', async () => {
    const { plane, server, ports } = await openLab()
    const [one, two] = await Promise.all([
      plane.gateway.open(server.id, 80),
      plane.gateway.open(server.id, 80),
    ])
    expect(one).toBe(two)
    expect(await plane.gateway.open(server.id, 22)).toBe(ports.ssh)
    for (const port of [one, ...Object.values(ports)]) {
      expect(port).toBeGreaterThanOrEqual(20_000)
      expect(port).toBeLessThan(32_768)
    }
    expect(plane.cloud.state.ports[`${server.id}:80`]).toBe(one)
  })

  test('are given back when their server is gone, even if it never ran since the cloud was started', async () => {
    const { plane, server, ports } = await openLab()
    plane.cloud.state.ports['i-stopped:22'] = 20_001
    plane.gateway.close(server.id)
    plane.gateway.close('i-stopped')
    expect(Object.keys(plane.cloud.state.ports)).toEqual([expect.stringMatching(/^db-.*:3306$/)])
    await until('nobody listens', () => canListen(ports.ssh))
  })

  test('are kept: one that another program took meanwhile is not changed', async () => {
    const plane = openDataPlane()
    const { id } = addInstance(plane)
    const taken = createServer()
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port))
    })
    onTestFinished(() => void taken.close())
    plane.cloud.state.ports[`${id}:22`] = port
    await expect(plane.gateway.open(id, 22)).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    expect(plane.cloud.state.ports[`${id}:22`]).toBe(port)
  })
})

function connections(server: Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
}

function canListen(port: number): Promise<boolean> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
