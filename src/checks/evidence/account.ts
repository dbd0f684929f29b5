import { checkOwnRegion } from '../../lab/own-region.ts'
import type { Credentials, Missing, Quotas, Regions } from '../../lab/ports/account.ts'
import type { WithCloud } from '../../lab/ports/cloud.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Look } from '../../lab/ports/look.ts'
import type { CloudLooks } from './cloud.ts'
import { NOTHING, once } from './once.ts'

export type AccountLooks = ReturnType<typeof accountLooks>

/** AWS's answers about the account, its region and its quotas. */
export function accountLooks(
  kit: Pick<Kit, 'record'> & WithCloud<Credentials & Regions & Quotas>,
  seen: Pick<Look, 'whoAmI'>,
  { server, database }: Pick<CloudLooks, 'server' | 'database'>,
) {
  const { cloud } = kit
  const identity = once(() => seen.whoAmI())
  const plan = once(() => cloud.checkPlan())
  const missing = once(async (): Promise<Missing> => {
    const isMissing = async (look: () => Promise<unknown>) => (await look().catch(NOTHING)) === undefined
    const [its, theirs] = await Promise.all([isMissing(server), isMissing(database)])
    return { server: its, database: theirs }
  })
  return {
    identity,
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
  }
}
