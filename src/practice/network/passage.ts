import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CloudGround } from '../cloud.ts'
import type { Places } from '../paths.ts'
import type { AddressBook, Target } from './address-book.ts'
import { type Source, stillPasses, type Verdict } from './evaluate-connection.ts'
import { checkpoint, closedOrAfter, hold, nextWait } from './held-sockets.ts'
import { loopbackSocketName, openSocketName } from './socket-names.ts'

const SSH_PORT = 22
const FIRST_WAIT_MS = 1_000

/** How connections come from one end of the practice network to the other. */
export interface Passage {
  /** Passes a connection on once the rules allow it; looks again as often as TCP would send its SYN again. */
  admit(socket: Socket, target: Target): Promise<void>
  /** Connects from inside; rejects when refused, and settles only with `gone` while blocked. */
  dial(source: Source, host: string, port: number, gone: AbortSignal): Promise<Socket>
}

interface Network {
  readonly log: CloudGround['log']
  readonly places: Places
  readonly book: AddressBook
}

export function openPassage(network: Network): Passage {
  const { book, places } = network
  return {
    async admit(socket, target) {
      const source = await book.sourceOf(socket)
      const first = book.decide(target, source)
      if (first?.passes) return passOn(socket, target, source, first.tracked, network)
      logBlocked(source, target, first, network)
      const held = hold(socket)
      for (let wait = FIRST_WAIT_MS; !socket.destroyed; wait = nextWait(wait)) {
        await closedOrAfter(socket, wait)
        const now = book.decide(target, source)
        if (socket.destroyed || !now?.passes) continue
        held.release()
        return passOn(socket, target, source, now.tracked, network)
      }
    },
    async dial(source, host, port, gone) {
      const target = book.destinationOf(source, host, port)
      if (target === undefined) throw new Error(`Nothing listens on ${host}:${port}.`)
      if (source.kind === 'instance' && target.id === source.instance.id) {
        return connectInside(target, source, places).catch(() =>
          connectInside(target, source, places, loopbackSocketName(target.port)),
        )
      }
      for (let wait = FIRST_WAIT_MS; ; wait = nextWait(wait)) {
        const decided = book.decide(target, source)
        if (decided?.passes !== false) return connectInside(target, source, places)
        if (wait === FIRST_WAIT_MS) logBlocked(source, target, decided, network)
        await pause(wait, undefined, { ref: false, signal: gone })
      }
    },
  }
}

async function passOn(
  socket: Socket,
  target: Target,
  source: Source,
  tracked: boolean,
  { book, places, log }: Network,
): Promise<void> {
  try {
    const inside = await connectInside(target, source, places)
    inside.on('close', (failed) => (failed ? socket.destroy() : socket.end()))
    socket.on('close', () => inside.destroy())
    const passes = () => {
      const found = book.locate(target)
      return found !== undefined && stillPasses(found.region, source, found.destination, tracked)
    }
    const cut = () => log(`cut: ${nameOf(source)} -> ${target.id}:${target.port}`)
    socket.pipe(checkpoint(socket, passes, cut)).pipe(inside)
    inside.pipe(checkpoint(socket, passes, cut)).pipe(socket)
  } catch {
    // Nobody listens there: the nearest thing to "connection refused" on a port that is already open.
    socket.resetAndDestroy()
  }
}

/** Tells the program inside the far end's address by a PROXY line, as any load balancer does. */
function connectInside(
  { id, port }: Target,
  source: Source,
  places: Places,
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

function logBlocked(
  source: Source,
  { id, port }: Target,
  decided: Verdict | undefined,
  { log }: Network,
): void {
  const why = decided === undefined || decided.passes ? 'it is gone' : decided.droppedBy
  log(`blocked: ${nameOf(source)} -> ${id}:${port} (${why})`)
}

function nameOf(source: Source): string {
  return source.kind === 'laptop' ? `laptop ${source.address}` : source.instance.id
}

function proxyLine(source: Source, port: number): string {
  const from = source.kind === 'laptop' ? source.address : source.instance.privateAddress
  return `PROXY TCP4 ${from} 127.0.0.1 50000 ${port}\r\n`
}
