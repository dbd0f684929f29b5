import { createHash } from 'node:crypto'
import { envFile } from '../formats/env-file.ts'
import {
  askHealth,
  inspectService,
  journal,
  readHealth,
  restartService,
  writeEnvFile,
  writeUnit,
} from '../host/commands.ts'
import { journalEnding } from '../host/journal-ending.ts'
import { serviceUnit } from '../host/service-unit.ts'
import { flasklab, onServer } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { type Database, type HostFact, handout, type Server, type Site } from '../lab/lab.ts'
import type { Phase } from '../lab/phase.ts'
import type { Host } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { Secret } from '../lab/secret.ts'
import { lastLine } from '../lab/text.ts'
import { waitFor } from '../lab/wait.ts'
import { knownPasswords, passwords } from './4-create-database.ts'
import { BOOT_MS, connectTo } from './host-key.ts'
import { run } from './run.ts'

/** An interrupted phase 3 may still be at work there: its installing is waited for. */
const BEHIND_PROJECT_MS = 600_000
const HEALTHY_MS = 30_000
const REACHABLE_MS = 20_000

type Needs = 'server' | 'host' | 'project' | 'database' | 'schema'

export const runApplication: Phase<'site', Needs> = {
  id: 'run-application',
  fact: 'site',
  title: 'Configure the app and start it',
  lesson:
    'The app reads where its database is from its environment, never from its code. systemd starts it on 0.0.0.0:5000, that is on every network interface, again after a crash, and again after a reboot.',
  needs: ['server', 'host', 'project', 'database', 'schema'],

  async find({ server, host, project, database }, kit) {
    const known = knownPasswords(kit)
    if (known === undefined) return undefined
    const connection = await connectTo(server, kit, BOOT_MS)
    const site = await siteOf(server.address, kit)
    const [{ code, stdout }, ...answers] = await Promise.all([
      connection.run(inspectService),
      isReachable(site, kit),
      answersOk(`${site.url}/health`, kit),
    ])
    const text = envFile(settings(database, known.app)) + serviceUnit(host, project.folder)
    const isRight = code === 0 && lastLine(stdout).startsWith(createHash('sha256').update(text).digest('hex'))
    return isRight && answers.every(Boolean) ? site : undefined
  },

  async make({ server, host, project, database }, kit) {
    const connection = await connectTo(server, kit, BOOT_MS)
    const options = { kit, timeoutMs: BEHIND_PROJECT_MS }
    const env = envFile(settings(database, passwords(kit).app))
    await run(connection, writeEnvFile, 'write the settings', { ...options, stdin: env })
    const unit = serviceUnit(host, project.folder)
    await run(connection, writeUnit, 'write the unit', { ...options, stdin: unit })
    await run(connection, restartService, 'start the service', options)
    kit.tell({ kind: 'step', text: 'service flasklogin is enabled and started' })
    await untilHealthy(connection, host, kit)
    const site = await siteOf(server.address, kit)
    const title = 'the site to answer from here'
    const isThere = await waitFor(
      { title, everyMs: 2_000, forMs: REACHABLE_MS },
      () => trueOrNothing(site, kit),
      kit,
    )
    if (!isThere) throw unreachable(site, server)
    return site
  },

  describe: (site) => site.url,
}

/** The names are the handout's; the app dials the endpoint by name, which its certificate carries. */
export function settings(
  { endpoint }: Pick<Database, 'endpoint'>,
  password: Secret,
): Readonly<Record<string, string>> {
  return {
    RDS_HOST: endpoint.host,
    RDS_PORT: String(endpoint.port),
    RDS_USER: handout.appUser,
    RDS_PASSWORD: password.reveal(),
    RDS_DB: handout.schema,
    RDS_CA: 'rds-ca.pem',
    HOST: '0.0.0.0',
    PORT: String(handout.sitePort),
  }
}

export const settingNames: readonly string[] = Object.keys(
  settings({ endpoint: { host: '', port: 0 } }, new Secret('')),
)

/** Where the student's browser finds the app. */
export async function siteOf(address: string, kit: Pick<Kit, 'reach'>): Promise<Site> {
  const { host, port } = await kit.reach(address, handout.sitePort)
  return { url: `http://${host}:${port}` }
}

async function untilHealthy(
  connection: Host,
  host: HostFact,
  kit: Pick<Kit, 'clock' | 'tell'>,
): Promise<void> {
  let answer = ''
  const probe = async () => {
    const { code, text } = readHealth(await connection.run(askHealth(host.node)))
    answer = text
    return code === 0 ? true : undefined
  }
  const isHealthy = await waitFor({ title: 'the app', everyMs: 1_000, forMs: HEALTHY_MS }, probe, kit)
  if (isHealthy) return
  const { stdout } = await connection.run(journal(30, 'messages'))
  throw new LabError({
    what: `The app does not become healthy; asked for /health on the server it says: ${answer || 'nothing'}.`,
    why: `The last lines of its journal:\n${journalEnding(stdout, 12)}`,
    remedy: {
      say: 'Read on in the journal. If you changed the project, the last two commands put the original back (yours is kept beside it as FlaskLoginApp.old).',
      run: [flasklab('logs'), onServer(`rm ${handout.project}/.flasklab-digest`), flasklab('up')],
    },
  })
}

async function trueOrNothing(site: Site, kit: Pick<Kit, 'browse'>): Promise<true | undefined> {
  return (await isReachable(site, kit)) ? true : undefined
}

/** Whether the site's first page answers 200 to this laptop; any failure counts as no. */
export function isReachable(site: Site, kit: Pick<Kit, 'browse'>): Promise<boolean> {
  return answersOk(`${site.url}/`, kit)
}

async function answersOk(url: string, kit: Pick<Kit, 'browse'>): Promise<boolean> {
  try {
    return (await kit.browse(url)).status === 200
  } catch {
    return false
  }
}

function unreachable(site: Site, server: Server): LabError {
  return new LabError({
    what: `The app runs on ${server.id}, but ${site.url} does not answer from here.`,
    why: 'A firewall between you and AWS may block port 5000: many campus networks do.',
    remedy: { say: 'Try another network, a phone’s hotspot for example, then go on.', run: [flasklab('up')] },
  })
}
