import { createServer, type Server, type Socket } from 'node:net'
import type { CloudGround } from '../cloud.ts'
import type { Places } from '../paths.ts'
import { openAddressBook } from './address-book.ts'
import type { Source } from './evaluate-connection.ts'
import { listen } from './listen.ts'
import { openPassage } from './passage.ts'

/**
 * The network of the practice cloud. Every port that can be dialled stands behind a loopback port of this gateway,
 * which evaluates the present rules for every new connection and passes it on to a Unix socket that only this
 * user can open: there is no way around the rules.
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

export function createGateway(cloud: CloudGround, places: Places): Gateway {
  const listeners = new Map<string, { readonly server: Server; readonly port: Promise<number> }>()
  const connections = new Set<Socket>()
  const { admit, dial } = openPassage({ log: cloud.log, places, book: openAddressBook(cloud) })

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

  return {
    dial,
    open(id, port) {
      const key = `${id}:${port}`
      const known = listeners.get(key)
      if (known) return known.port
      const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) => {
        connections.add(socket)
        socket.on('close', () => connections.delete(socket))
        socket.on('error', () => socket.destroy())
        void admit(socket, { id, port })
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
    closeAll() {
      for (const { server } of listeners.values()) server.close()
      for (const socket of connections) socket.destroy()
    },
  }
}
