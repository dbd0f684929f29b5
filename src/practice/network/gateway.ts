import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { CloudGround } from '../cloud.ts'
import type { Places } from '../paths.ts'
import type { RegionState } from '../state.ts'
import { type Destination, type Source, stillPasses, type Verdict, verdict } from './evaluate-connection.ts'
import { owningInstance } from './owner.ts'
import { loopbackSocketName, openSocketName } from './socket-names.ts'

/**
 * The network of the practice cloud. What can be dialled stands behind a loopback port of this gateway, which
 * evaluates the present rules for every new connection and passes it on to a Unix socket that only this user
 * can open: there is no way around the rules.
 */
export interface Gateway {
  /** The loopback port that stands for a port of an instance or database; listens from now on. */
  open(id: string, port: number): Promise<number>
  /** Stops listening for an instance or database that is gone. */
  close(id: string): void
  /** Connects from inside, for SSH tunnels: rejects when refused, and settles only with `gone` while blocked. */
  dial(source: Source, host: string, port: number, gone: AbortSignal): Promise<Socket>
  closeAll(): void
}

const LOOPBACK = ['localhost', '127.0.0.1', '::1']
const SSH_PORT = 22
const LOWEST_PORT = 20_000
const HIGHEST_PORT = 31_999

export function createGateway(cloud: CloudGround, places: Places): Gateway {
  const listeners = new Map<string, { readonly server: Server; readonly port: Promise<number> }>()
  const connections = new Set<Socket>()

  return {
    open(id, port) {
      const key = `${id}:${port}`
      const known = listeners.get(key)
      if (known) return known.port
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
        connections.add(socket)
        socket.on('close', () => connections.delete(socket))
        socket.on('error', () => socket.destroy())
        void admit(socket, id, port)
      })
      const opened = listenFor(server, key)
      listeners.set(key, { server, port: opened })
      return opened
    },
    close(id) {
      for (const [key, { server }] of listeners) {
        if (!key.startsWith(`${id}:`)) continue
        server.close()
        listeners.delete(key)
      }
      for (const key of Object.keys(cloud.state.ports)) {
        if (key.startsWith(`${id}:`)) delete cloud.state.ports[key]
      }
      cloud.save()
    },
    async dial(source, host, port, gone) {
      const target = destinationOf(source, host, port)
      if (target === undefined) throw new Error(`Nothing listens on ${host}:${port}.`)
      if (source.kind === 'instance' && target.id === source.instance.id) {
        return connectInside(target.id, target.port, source).catch(() =>
          connectInside(target.id, target.port, source, loopbackSocketName(target.port)),
        )
      }
      for (let wait = 1_000; ; wait = later(wait)) {
        const decided = decide(target.id, target.port, source)
        if (decided?.passes !== false) return connectInside(target.id, target.port, source)
        if (wait === 1_000) logBlocked(source, target.id, target.port, decided)
        await pause(wait, undefined, { ref: false, signal: gone })
      }
    },
    closeAll() {
      for (const { server } of listeners.values()) server.close()
      for (const socket of connections) socket.destroy()
    },
  }

  async function listenFor(server: Server, key: string): Promise<number> {
    try {
      const port = await listen(server, cloud.state.ports[key], Object.values(cloud.state.ports))
      cloud.state.ports[key] = port
      cloud.save()
      return port
    } catch (error) {
      listeners.delete(key)
      throw error
    }
  }

  /** Passes a connection on once the rules allow it; looks again as often as TCP would send its SYN again. */
  async function admit(socket: Socket, id: string, port: number): Promise<void> {
    const source = await sourceOf(socket)
    const first = decide(id, port, source)
    if (first?.passes) return passOn(socket, id, port, source, first.tracked)
    logBlocked(source, id, port, first)
    const held = hold(socket)
    for (let wait = 1_000; !socket.destroyed; wait = later(wait)) {
      await closedOrAfter(socket, wait)
      const now = decide(id, port, source)
      if (socket.destroyed || !now?.passes) continue
      held.release()
      return passOn(socket, id, port, source, now.tracked)
    }
  }

  async function passOn(
    socket: Socket,
    id: string,
    port: number,
    source: Source,
    tracked: boolean,
  ): Promise<void> {
    try {
      const inside = await connectInside(id, port, source)
      inside.on('close', (failed) => (failed ? socket.destroy() : socket.end()))
      socket.on('close', () => inside.destroy())
      const passes = () => {
        const found = locate(id, port)
        return found !== undefined && stillPasses(found.region, source, found.destination, tracked)
      }
      const cut = () => cloud.log(`cut: ${nameOf(source)} -> ${id}:${port}`)
      socket.pipe(checkpoint(socket, passes, cut)).pipe(inside)
      inside.pipe(checkpoint(socket, passes, cut)).pipe(socket)
    } catch {
      // Nobody listens there: the nearest thing to "connection refused" on a port that is already open.
      socket.resetAndDestroy()
    }
  }

  function decide(id: string, port: number, source: Source): Verdict | undefined {
    const found = locate(id, port)
    return found && verdict(found.region, source, found.destination)
  }

  /** What listens inside is told the far end's address by a PROXY line, as behind any load balancer. */
  function connectInside(
    id: string,
    port: number,
    source: Source,
    name = openSocketName(port),
  ): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const inside = createConnection({ path: join(places.sockets(id), name), allowHalfOpen: true })
      inside.once('error', reject)
      inside.once('connect', () => {
        inside.off('error', reject)
        inside.on('error', () => inside.destroy())
        if (port !== SSH_PORT) inside.write(proxyLine(source, port))
        resolve(inside)
      })
    })
  }

  async function sourceOf(socket: Socket): Promise<Source> {
    const instanceId = await owningInstance(socket.remotePort ?? 0, socket.localPort ?? 0)
    const instance = instanceId === undefined ? undefined : findInstance(instanceId)
    return instance ? { kind: 'instance', instance } : { kind: 'laptop', address: cloud.state.laptopAddress }
  }

  function findInstance(id: string) {
    return regions()
      .flatMap((region) => region.instances)
      .find((instance) => instance.id === id)
  }

  function locate(id: string, port: number): { region: RegionState; destination: Destination } | undefined {
    for (const region of regions()) {
      const instance = region.instances.find((each) => each.id === id)
      if (instance) return { region, destination: { kind: 'instance', instance, port } }
      const database = region.databases.find((each) => each.resourceId === id)
      if (database) return { region, destination: { kind: 'database', database, port } }
    }
    return undefined
  }

  /** What a program on an instance means by an address: its own ports, or a gateway port that stands for another's. */
  function destinationOf(
    source: Source,
    host: string,
    port: number,
  ): { id: string; port: number } | undefined {
    const isLoopback = LOOPBACK.includes(host)
    const mapped = Object.entries(cloud.state.ports).find(([, loopbackPort]) => loopbackPort === port)?.[0]
    if (isLoopback && mapped !== undefined) {
      const [id = '', innerPort] = mapped.split(':')
      return { id, port: Number(innerPort) }
    }
    const isOwn = source.kind === 'instance' && (isLoopback || host === source.instance.privateAddress)
    return isOwn ? { id: source.instance.id, port } : undefined
  }

  function logBlocked(source: Source, id: string, port: number, decided: Verdict | undefined): void {
    const why = decided === undefined || decided.passes ? 'it is gone' : decided.droppedBy
    cloud.log(`blocked: ${nameOf(source)} -> ${id}:${port} (${why})`)
  }

  function regions(): RegionState[] {
    return Object.values(cloud.state.regions)
  }
}

function later(wait: number): number {
  return Math.min(wait * 2, 32_000)
}

/** Keeps what a blocked client has sent, and notices when it gives up (a socket that nobody reads does not). */
function hold(socket: Socket): { release(): void } {
  const chunks: Buffer[] = []
  let size = 0
  const keep = (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > 65_536) socket.pause()
  }
  const giveUp = () => socket.destroy()
  // Paused since it was accepted, it would not flow for a listener alone.
  socket.on('data', keep).on('end', giveUp).resume()
  return {
    release() {
      socket.off('data', keep).off('end', giveUp).pause()
      if (size > 0) socket.unshift(Buffer.concat(chunks))
    },
  }
}

/** Lets data through while the rules do; else keeps it, as TCP sends again what was dropped. */
function checkpoint(socket: Socket, passes: () => boolean, cut: () => void): Transform {
  return new Transform({
    async transform(chunk, _encoding, done) {
      if (!passes()) cut()
      for (let wait = 200; !passes() && !socket.destroyed; wait = later(wait)) {
        await closedOrAfter(socket, wait)
        if (socket.readableEnded) socket.destroy()
      }
      done(undefined, chunk)
    },
  })
}

function nameOf(source: Source): string {
  return source.kind === 'laptop' ? `laptop ${source.address}` : source.instance.id
}

function proxyLine(source: Source, port: number): string {
  const from = source.kind === 'laptop' ? source.address : source.instance.privateAddress
  return `PROXY TCP4 ${from} 127.0.0.1 50000 ${port}\r\n`
}

function closedOrAfter(socket: Socket, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      socket.off('close', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    socket.once('close', done)
  })
}

/** Listens on the known port, else on a free one, and tells which. */
export async function listen(server: Server, known: number | undefined, taken: number[]): Promise<number> {
  if (known !== undefined) return tryToListen(server, known)
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT + 1))
    if (taken.includes(port)) continue
    try {
      return await tryToListen(server, port)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new Error(`No free port between ${LOWEST_PORT} and ${HIGHEST_PORT}.`)
}

function tryToListen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve(port)
    })
  })
}
