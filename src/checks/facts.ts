import { expectFound } from '../lab/expect-found.ts'
import type { Database, Server } from '../lab/lab.ts'
import type { Evidence } from './evidence.ts'

/** The server as a fact, from what was seen of it. */
export async function serverFact(look: Evidence['server']): Promise<Server> {
  const { id, address, vpcId, groupIds } = await expectFound(look())
  return { id, address: address ?? '', vpcId, groupIds }
}

/** The database as a fact; undefined while it has no endpoint. */
export async function databaseFact(look: Evidence['database']): Promise<Database | undefined> {
  const seen = await look()
  if (seen?.endpoint === undefined) return undefined
  const { id, endpoint, vpcId, groupIds } = seen
  return { id, endpoint, vpcId, groupIds }
}
