import type { Socket } from 'node:net'
import type { CloudGround } from '../cloud.ts'
import type { RegionState } from '../state.ts'
import { type Destination, type Source, type Verdict, verdict } from './evaluate-connection.ts'
import { owningInstance } from './owner.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** A port of an instance or database. */
export interface Target {
  readonly id: string
  readonly port: number
}

/** Who and what the addresses of the practice cloud mean, by its present state. */
export interface AddressBook {
  /** Undefined for what is gone. */
  locate(target: Target): { readonly region: RegionState; readonly destination: Destination } | undefined
  /** Whether the present rules let it through; undefined where the target is gone. */
  decide(target: Target, source: Source): Verdict | undefined
  /** The instance, or the laptop, that opened the connection. */
  sourceOf(socket: Socket): Promise<Source>
  /** The target that a program means by an address: a port of its own, or a gateway port that stands for another's. */
  destinationOf(source: Source, host: string, port: number): Target | undefined
}

export function openAddressBook({ state }: Pick<CloudGround, 'state'>): AddressBook {
  const regions = () => Object.values(state.regions)
  const locate: AddressBook['locate'] = ({ id, port }) => {
    for (const region of regions()) {
      const instance = region.instances.find((each) => each.id === id)
      if (instance) return { region, destination: { kind: 'instance', instance, port } }
      const database = region.databases.find((each) => each.resourceId === id)
      if (database) return { region, destination: { kind: 'database', database, port } }
    }
    return undefined
  }
  return {
    locate,
    decide(target, source) {
      const found = locate(target)
      return found && verdict(found.region, source, found.destination)
    },
    async sourceOf(socket) {
      const id = await owningInstance(socket.remotePort ?? 0, socket.localPort ?? 0)
      const instances = regions().flatMap((region) => region.instances)
      const instance = id === undefined ? undefined : instances.find((each) => each.id === id)
      return instance ? { kind: 'instance', instance } : { kind: 'laptop', address: state.laptopAddress }
    },
    destinationOf(source, host, port) {
      const isLoopback = LOOPBACK.includes(host)
      const mapped = Object.entries(state.ports).find(([, loopbackPort]) => loopbackPort === port)?.[0]
      if (isLoopback && mapped !== undefined) {
        const [id = '', innerPort] = mapped.split(':')
        return { id, port: Number(innerPort) }
      }
      const isOwn = source.kind === 'instance' && (isLoopback || host === source.instance.privateAddress)
      return isOwn ? { id: source.instance.id, port } : undefined
    },
  }
}
