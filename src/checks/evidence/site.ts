import { expectFound } from '../../lab/expect-found.ts'
import { toDatabase } from '../../lab/facts.ts'
import type { ProofStep } from '../../lab/lab.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { siteOf } from '../../phases/7-run-application.ts'
import type { ConnectKit } from '../../phases/host-key.ts'
import { testLogin } from '../../phases/login-probe.ts'
import type { CloudLooks } from './cloud.ts'
import type { SqlAccess } from './database.ts'
import type { Entry } from './entry.ts'
import { NOTHING, once } from './once.ts'
import type { ServiceLooks } from './service.ts'

type Seen = Pick<CloudLooks, 'database'> & Pick<ServiceLooks, 'health'>

export type SiteLooks = ReturnType<typeof siteLooks>

/** The site as a browser on this laptop sees it. */
export function siteLooks(
  kit: ConnectKit & Pick<Kit, 'browse' | 'ifInterrupted' | 'reach' | 'sql'>,
  { database, health }: Seen,
  entry: Entry,
  access: SqlAccess,
) {
  const site = async () => siteOf((await entry.reachable()).address, kit)
  const browse = async () => kit.browse(`${(await site()).url}/`)
  return {
    siteUrl: once(async () => (await site()).url),
    /** The start page. */
    page: once(async () => {
      const early = browse()
      const seen = await early.catch(NOTHING)
      const isFinal = seen?.status === 200 || (await health().catch(NOTHING))?.code !== 0
      return isFinal ? early : browse()
    }),
    /** Registers a user, logs in and removes it again; no step where the database has no endpoint. */
    loginTest: once(async (): Promise<readonly ProofStep[]> => {
      const theirs = toDatabase(await expectFound(database()))
      if (theirs === undefined) return []
      const subject = { server: await entry.reachable(), database: theirs, site: await site() }
      return (await testLogin(subject, kit, access.as.master)).steps
    }),
  }
}
