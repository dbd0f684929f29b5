import { createHash } from 'node:crypto'
import { askHealth, type Reachability, readHealth } from '../../host/commands.ts'
import { readServerSurvey, surveyServer } from '../../host/server-survey.ts'
import {
  readListeners,
  readServiceSurvey,
  type ServiceSurvey,
  surveyListeners,
  surveyService,
} from '../../host/service-survey.ts'
import { handout } from '../../lab/lab.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { dependencies, projectFiles } from '../../phases/3-create-project.ts'
import type { CloudLooks } from './cloud.ts'
import type { Entry } from './entry.ts'
import { NOTHING, once } from './once.ts'

const PROBE_MS = 4_000
/** How long an app on a small server takes to listen, once it is started. */
const START_MS = 2_000
/** The files that the handout puts on the server. */
const HANDMADE_FILES = [
  'app.py',
  'db_config.py',
  ...['register', 'login', 'success', 'error', 'welcome'].map((page) => `templates/${page}.html`),
]

export type ServerLooks = ReturnType<typeof serverLooks>

/** Looks at the server, from outside and from within. */
export function serverLooks(
  kit: Pick<Kit, 'clock' | 'databaseCa' | 'isHandmade' | 'probe' | 'project' | 'reach'>,
  { database }: Pick<CloudLooks, 'database'>,
  entry: Entry,
) {
  const survey = once(async () => {
    const files = kit.isHandmade ? HANDMADE_FILES : projectFiles(kit).map(({ path }) => path)
    const packages = kit.isHandmade ? [] : ['node_modules', ...dependencies(kit)]
    const endpoint = (await database().catch(NOTHING))?.endpoint
    return readServerSurvey((await entry.run(surveyServer(files, packages, endpoint?.host), 10_000)).stdout)
  })
  const serviceNow = async () => readServiceSurvey((await entry.run(surveyService, 10_000)).stdout)
  const service = once(async () => {
    const seen = await serviceNow()
    if (!isStarting(seen)) return seen
    await kit.clock.sleep(START_MS)
    return sinceThen(seen, await serviceNow())
  })
  const healthNow = async () => readHealth(await entry.run(askHealth('node-22'), 8_000))
  return {
    /** Whether a new connection from here comes through, by a word of who answers. */
    ssh: once(() => probePort(handout.sshPort, kit, entry)),
    site: once(() => probePort(handout.sitePort, kit, entry, 'HEAD / HTTP/1.0\r\n\r\n')),
    /** How logging in ends. */
    login: entry.login,
    survey,
    service,
    /** The same, with what the journal says by now. */
    serviceNow,
    /** Who listens on the site's port. */
    listeners: once(async () => readListeners((await entry.run(surveyListeners, 10_000)).stdout)),
    /** The app's answer about itself, asked on its own server. */
    health: once(async () => {
      const seen = await healthNow()
      // An app that was just started may not have been able to answer yet when it was asked ahead.
      if (seen.code === 0) return seen
      await service()
      return healthNow()
    }),
    /** The project's files that are on the server in other words than the lab's; none of them in a handmade lab. */
    changedFiles: once(async (): Promise<readonly string[]> => {
      if (kit.isHandmade) return []
      const { sums } = await survey()
      return projectFiles(kit)
        .filter(({ path, content }) => sums[path] !== createHash('sha256').update(content).digest('hex'))
        .map(({ path }) => path)
    }),
  }
}

async function probePort(
  port: number,
  kit: Pick<Kit, 'probe' | 'reach'>,
  entry: Entry,
  say?: string,
): Promise<Reachability> {
  const to = await kit.reach((await entry.reachable()).address, port)
  return kit.probe(to, { forMs: PROBE_MS, ...(say === undefined ? {} : { say }) })
}

/** Up, but not listening yet: as in the second after its start. */
function isStarting({ state, listening }: ServiceSurvey): boolean {
  const isUp = state === 'active' || state === 'activating'
  return isUp && !listening.some((address) => address.endsWith(`:${handout.sitePort}`))
}

/** Up in the second look, but as another process: between two crashes it is up for a moment. */
function sinceThen(before: ServiceSurvey, now: ServiceSurvey): ServiceSurvey {
  if (!isStarting(now) || before.pid === now.pid) return now
  return { ...now, state: 'activating' }
}
