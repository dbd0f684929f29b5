import type { Database, Server } from './lab.ts'
import { noServer } from './no-server.ts'
import type { DatabaseSeen } from './ports/databases.ts'
import type { ServerSeen } from './ports/servers.ts'

// A fact is complete or does not exist: what was seen becomes one where nothing of it is missing.

/** The server, where it runs and has an address. */
export function toServer({ id, state, address, vpcId, groupIds }: ServerSeen): Server | undefined {
  return state === 'running' && address !== undefined ? { id, address, vpcId, groupIds } : undefined
}

/** For whoever can do nothing without a server: ends in a finding where none runs. */
export function expectServer(seen: ServerSeen | undefined): Server {
  const server = seen && toServer(seen)
  if (server === undefined) throw noServer(seen)
  return server
}

/** The database, once it has an endpoint. Whether it answers there at the moment is told by its status. */
export function toDatabase({ id, endpoint, vpcId, groupIds }: DatabaseSeen): Database | undefined {
  return endpoint && { id, endpoint, vpcId, groupIds }
}
