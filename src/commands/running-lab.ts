import { expectServer, toDatabase } from '../lab/facts.ts'
import type { Database, Server } from '../lab/lab.ts'
import type { Host } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { type ConnectKit, connectTo } from '../phases/host-key.ts'

const CONNECT_MS = 10_000

/** The lab's running server, and its database if that is available. */
export async function findRunningLab(
  kit: Pick<Kit, 'snapshot'>,
): Promise<{ readonly server: Server; readonly database: Database | undefined }> {
  const [server, database] = await Promise.all([
    kit.snapshot.seen.findServer(),
    kit.snapshot.seen.findDatabase(),
  ])
  return {
    server: expectServer(server),
    database: database?.status === 'available' ? toDatabase(database) : undefined,
  }
}

/** Connects to the lab's server; throws a finding where it does not run or answer. */
export async function findHost(kit: ConnectKit & Pick<Kit, 'snapshot'>): Promise<Host> {
  const { server } = await findRunningLab(kit)
  return connectTo(server, kit, CONNECT_MS)
}
