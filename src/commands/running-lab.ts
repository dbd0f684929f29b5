import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Database, Server } from '../lab/lab.ts'
import type { Host } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { connectTo } from '../phases/host-key.ts'

const CONNECT_MS = 10_000

/** The lab's running server, and its database if that is available. */
export async function findRunningLab(
  kit: Kit,
): Promise<{ readonly server: Server; readonly database: Database | undefined }> {
  const [server, database] = await Promise.all([
    kit.snapshot.seen.findServer(),
    kit.snapshot.seen.findDatabase(),
  ])
  if (server?.state !== 'running' || server.address === undefined) throw noServer(server?.id, server?.state)
  const { id, address, vpcId, groupIds } = server
  return {
    server: { id, address, vpcId, groupIds },
    database:
      database?.status === 'available' && database.endpoint
        ? { id: database.id, endpoint: database.endpoint, vpcId: database.vpcId, groupIds: database.groupIds }
        : undefined,
  }
}

export async function findHost(kit: Kit): Promise<Host> {
  const { server } = await findRunningLab(kit)
  return connectTo(server, kit, CONNECT_MS)
}

function noServer(id: string | undefined, state: string | undefined): LabError {
  if (state === 'running') {
    return new LabError({
      what: `The server ${id} runs, but has no public address.`,
      remedy: { say: 'Let the doctor say why, and what to do.', run: [flasklab('doctor')] },
    })
  }
  return new LabError({
    what: id === undefined ? 'The lab has no server yet.' : `The server ${id} is ${state}, not running.`,
    remedy: { say: 'Go through the phases: they launch or start it.', run: [flasklab('up')] },
  })
}
