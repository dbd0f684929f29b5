import { createHash } from 'node:crypto'
import type { Reachability } from '../../host/commands.ts'
import { readServerSurvey, surveyServer } from '../../host/server-survey.ts'
import { handout } from '../../lab/lab.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { dependencies, projectFiles } from '../../phases/3-create-project.ts'
import type { CloudLooks } from './cloud.ts'
import type { Entry } from './entry.ts'
import { NOTHING, once } from './once.ts'

const PROBE_MS = 4_000
/** The files that the handout puts on the server. */
const HANDMADE_FILES = [
  'app.py',
  'db_config.py',
  ...['register', 'login', 'success', 'error', 'welcome'].map((page) => `templates/${page}.html`),
]

export type ServerLooks = ReturnType<typeof serverLooks>

/** Looks at the server, from outside and from within. */
export function serverLooks(
  kit: Pick<Kit, 'databaseCa' | 'isHandmade' | 'probe' | 'project' | 'reach'>,
  { database }: Pick<CloudLooks, 'database'>,
  entry: Entry,
) {
  const survey = once(async () => {
    const files = kit.isHandmade ? HANDMADE_FILES : projectFiles(kit).map(({ path }) => path)
    const packages = kit.isHandmade ? [] : ['node_modules', ...dependencies(kit)]
    const endpoint = (await database().catch(NOTHING))?.endpoint
    return readServerSurvey((await entry.run(surveyServer(files, packages, endpoint?.host), 10_000)).stdout)
  })
  return {
    /** Whether a new connection from here comes through, by a word of who answers. */
    ssh: once(() => probePort(handout.sshPort, kit, entry)),
    site: once(() => probePort(handout.sitePort, kit, entry, 'HEAD / HTTP/1.0\r\n\r\n')),
    /** How logging in ends. */
    login: entry.login,
    survey,
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
