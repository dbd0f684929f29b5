import { expectFound } from '../../lab/expect-found.ts'
import type { ProofStep } from '../../lab/lab.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { siteOf } from '../../phases/7-run-application.ts'
import type { ConnectKit } from '../../phases/host-key.ts'
import { testLogin } from '../../phases/login-probe.ts'
import type { CloudLooks } from './cloud.ts'
import type { SqlAccess } from './database.ts'
import type { Entry } from './entry.ts'
import { NOTHING, once } from './once.ts'
import type { ServerLooks } from './server.ts'

type Seen = Pick<CloudLooks, 'server' | 'database'> & Pick<ServerLooks, 'health'>

export type SiteLooks = ReturnType<typeof siteLooks>

/** The site as a browser on this laptop sees it. */
export function siteLooks(
  kit: ConnectKit & Pick<Kit, 'browse' | 'ifInterrupted' | 'reach' | 'sql'>,
  { server, database, health }: Seen,
  entry: Entry,
  access: SqlAccess,
) {
  const browse = async () => kit.browse(`${(await siteOf((await entry.reachable()).address, kit)).url}/`)
  return {
    siteUrl: once(async () => (await siteOf((await expectFound(server())).address ?? '', kit)).url),
    /** The start page. */
    page: once(async () => {
      const early = browse()
      const seen = await early.catch(NOTHING)
      const isFinal = seen?.status === 200 || (await health().catch(NOTHING))?.code !== 0
      return isFinal ? early : browse()
    }),
    /** Registers a user, logs in and removes it again; no step where the database has no endpoint. */
    loginTest: once(async (): Promise<readonly ProofStep[]> => {
      const [its, theirs] = [await entry.reachable(), await expectFound(database())]
      if (theirs.endpoint === undefined) return []
      const { id, endpoint, vpcId, groupIds } = theirs
      const subject = {
        server: its,
        database: { id, endpoint, vpcId, groupIds },
        site: await siteOf(its.address, kit),
      }
      return (await testLogin(subject, kit, access.as.master)).steps
    }),
  }
}
