import { LabError } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { Regions } from '../../lab/ports/account.ts'
import type { WithCloud } from '../../lab/ports/cloud.ts'
import type { Databases } from '../../lab/ports/databases.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Look } from '../../lab/ports/look.ts'
import type { KeyPairs } from '../../lab/ports/servers.ts'
import { deadEnd, recreate, recreateByHand } from '../../phases/database-dead-end.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import { lost, lostTags } from '../../phases/lost-tags.ts'
import { once } from './once.ts'

type Kind = 'server' | 'database'

export type CloudLooks = ReturnType<typeof cloudLooks>

/** AWS's answers about the server and the database. */
export function cloudLooks(
  kit: Pick<Kit, 'isHandmade' | 'record'> & WithCloud<Regions & Databases & KeyPairs>,
  seen: Pick<Look, 'findServer' | 'findDatabase' | 'findUntagged'>,
) {
  const { cloud, isHandmade } = kit
  const server = once(async () => {
    const found = await seen.findServer()
    if (found === undefined && isHandmade) throw nothingCalled('server', cloud)
    return found
  })
  const database = once(async () => {
    const found = await seen.findDatabase()
    if (found === undefined && isHandmade) throw nothingCalled('database', cloud)
    return found
  })
  const lostOne = async (kind: Kind) => {
    const found = await lost(kind, seen)
    return found && lostTags(found, kit)
  }
  return {
    server,
    database,
    /** Tells of a server, or a database, of the lab's that has lost its tags. */
    lostServer: once(() => lostOne('server')),
    lostDatabase: once(() => lostOne('database')),
    /** Tells of a database in a state that no waiting ends. */
    deadEnd: once(async () => {
      const found = await database()
      if (found === undefined) return undefined
      return deadEnd(
        found,
        kit,
        isHandmade ? recreateByHand(found, phaseNumber('database')) : recreate(found),
      )
    }),
    /** The latest events of the database as RDS noted them, newest last. */
    databaseEvents: once(async () => {
      const found = await database()
      return found === undefined ? [] : cloud.databaseEvents(found.id)
    }),
    /** The public half of the server's key pair as one OpenSSH line; undefined where AWS does not tell it. */
    keyPair: once(async () => {
      const name = (await server())?.keyName
      return name === undefined ? undefined : cloud.publicKeyOf(name)
    }),
  }
}

function nothingCalled(kind: Kind, { region }: Regions): LabError {
  return new LabError({
    what: `There is nothing called ${handout[kind]} in ${region}.`,
    why: `It was not made yet (phase ${phaseNumber(kind)}), has another name, was deleted, or is in another region.`,
    remedy: {
      say: 'Look at the console’s region at the top right; --region names another one, --instance and --db another server and database.',
    },
  })
}
