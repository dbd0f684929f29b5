import { flasklab } from './command.ts'
import { LabError } from './finding.ts'
import type { ServerSeen } from './ports/servers.ts'

/** For whoever needs a server that runs and has an address. */
export function noServer(server: Pick<ServerSeen, 'id' | 'state'> | undefined): LabError {
  if (server?.state === 'running') {
    return new LabError({
      what: `The server ${server.id} runs, but has no public address.`,
      remedy: { say: 'Let the doctor say why, and what to do.', run: [flasklab('doctor')] },
    })
  }
  return new LabError({
    what:
      server === undefined
        ? 'The lab has no server yet.'
        : `The server ${server.id} is ${server.state}, not running.`,
    remedy: { say: 'Go through the phases: they launch or start it.', run: [flasklab('up')] },
  })
}
