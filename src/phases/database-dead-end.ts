import { aws, flasklab } from '../lab/command.ts'
import type { Finding, Remedy } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { Regions } from '../lab/ports/account.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { DatabaseSeen, Databases } from '../lab/ports/databases.ts'

const DEAD_END = /^(failed|insufficient-capacity|storage-full|incompatible-.+)$/

/** Whether it came to a dead end while it was created: it has never had an endpoint, so nothing is stored in it. */
export function isStillborn({ status, endpoint }: DatabaseSeen): boolean {
  return DEAD_END.test(status) && endpoint === undefined
}

/** Tells of a state that no waiting ends. `anew`: how the database is replaced, where more room would not help. */
export async function deadEnd(
  { id, status }: DatabaseSeen,
  { cloud }: WithCloud<Databases & Regions>,
  anew: Remedy,
): Promise<Finding | undefined> {
  if (!DEAD_END.test(status)) return undefined
  const events = await cloud.databaseEvents(id)
  return {
    what: `The database ${id} has ended in the state "${status}" and will not become available.`,
    why: events.at(-1) ?? 'RDS noted no event that tells why.',
    remedy: status === 'storage-full' ? giveRoom(id, cloud) : anew,
  }
}

function giveRoom(id: string, { region }: Regions): Remedy {
  const named = { 'db-instance-identifier': id }
  return {
    say: 'Give it more room, which takes some minutes: what is stored in it stays.',
    run: [
      aws(region, 'rds', 'modify-db-instance', {
        ...named,
        'allocated-storage': 2 * handout.databaseGb,
        'apply-immediately': true,
      }),
      aws(region, 'rds', 'wait db-instance-available', named),
      flasklab('up'),
    ],
  }
}

export function recreate(seen: DatabaseSeen): Remedy {
  return seen.endpoint === undefined
    ? { say: `Go on: it is deleted, and created again. ${whatIsStored(seen)}`, run: [flasklab('up')] }
    : {
        say: `Delete what was made and begin anew. ${whatIsStored(seen)}`,
        run: [flasklab('cleanup'), flasklab('up')],
      }
}

/** flasklab does not delete a database that it has not made. */
export function recreateByHand(seen: DatabaseSeen, phase: number): Remedy {
  const say = `Delete ${seen.id} in the RDS console, and create it again as phase ${phase} has it.`
  return { say: `${say} ${whatIsStored(seen)}` }
}

function whatIsStored({ endpoint }: DatabaseSeen): string {
  return endpoint === undefined
    ? 'Nothing is stored in it yet.'
    : 'Its data goes with it: take a snapshot in the RDS console first, if you need the data.'
}
