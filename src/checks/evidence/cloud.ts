import { LabError } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { checkOwnRegion } from '../../lab/own-region.ts'
import type { Missing } from '../../lab/ports/account.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { deadEnd } from '../../phases/4-create-database.ts'
import { lost, lostTags } from '../../phases/lost-tags.ts'
import { NOTHING, once } from './once.ts'

export type CloudLooks = ReturnType<typeof cloudLooks>

/** AWS's answers about the account, the server and the database. */
export function cloudLooks(kit: Pick<Kit, 'cloud' | 'isHandmade' | 'record'>) {
  const { cloud } = kit
  const identity = once(() => cloud.whoAmI())
  const server = once(async () => {
    const found = await cloud.findServer()
    if (found === undefined && kit.isHandmade) throw nothingCalled(handout.server, 1, kit)
    return found
  })
  const database = once(async () => {
    const found = await cloud.findDatabase()
    if (found === undefined && kit.isHandmade) throw nothingCalled(handout.database, 4, kit)
    return found
  })
  const plan = once(() => cloud.checkPlan())
  const missing = once(async (): Promise<Missing> => {
    const isMissing = async (look: () => Promise<unknown>) => (await look().catch(NOTHING)) === undefined
    const [its, theirs] = await Promise.all([isMissing(server), isMissing(database)])
    return { server: its, database: theirs }
  })
  return {
    identity,
    server,
    database,
    /** When the credentials end, in ms since 1970. */
    credentialsEnd: once(() => cloud.credentialsEnd()),
    /** How far this machine's clock is behind AWS's: refused or not, an answer carries AWS's time. */
    clockOffset: once(async () => {
      await identity().catch(NOTHING)
      return cloud.clockOffset
    }),
    /** Ends in a finding where the lab's region is none, or not enabled. */
    checkRegion: once(() => checkOwnRegion(kit)),
    /** Server and database that are not there, or can't be looked at. */
    missing,
    /** The account's; asked for only where something is missing. */
    plan,
    /** The quotas that could not be asked; ends in a finding where a quota leaves no room for a missing resource. */
    unaskedQuotas: once(async () => cloud.checkQuotas(await missing(), await plan())),
    /** Tells of a server, or a database, of the lab's that has lost its tags. */
    lostServer: once(() => lostOne('server', kit)),
    lostDatabase: once(() => lostOne('database', kit)),
    /** Tells of a database in a state that no waiting ends. */
    deadEnd: once(async () => {
      const seen = await database()
      return seen && deadEnd(seen, kit)
    }),
    /** The latest events of the database as RDS noted them, newest last. */
    databaseEvents: once(async () => {
      const seen = await database()
      return seen === undefined ? [] : cloud.databaseEvents(seen.id)
    }),
    /** The public half of the server's key pair as one OpenSSH line; undefined where AWS does not tell it. */
    keyPair: once(async () => {
      const name = (await server())?.keyName
      return name === undefined ? undefined : cloud.publicKeyOf(name)
    }),
  }
}

async function lostOne(kind: 'server' | 'database', kit: Pick<Kit, 'cloud' | 'record'>) {
  const found = await lost(kind, kit)
  return found && lostTags(found, kit)
}

function nothingCalled(name: string, phase: number, { cloud }: Pick<Kit, 'cloud'>): LabError {
  return new LabError({
    what: `There is nothing called ${name} in ${cloud.region}.`,
    why: `It was not made yet (phase ${phase}), has another name, was deleted, or is in another region.`,
    remedy: {
      say: 'Look at the console’s region at the top right; --region names another one, --instance and --db another server and database.',
    },
  })
}
