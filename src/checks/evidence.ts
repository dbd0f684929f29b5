import { existsSync } from 'node:fs'
import {
  askHealth,
  type Health,
  probeDatabase,
  type Reachability,
  readHealth,
  readProbe,
} from '../host/commands.ts'
import { APP_STATEMENTS } from '../host/schema-sql.ts'
import {
  type Answers,
  type Listener,
  lookAround,
  lookAtListeners,
  lookAtService,
  parseAnswers,
  parseListeners,
  parsePythonConfig,
} from '../host/visit.ts'
import { DoesNotApply } from '../lab/check.ts'
import { LabError } from '../lab/finding.ts'
import { handout, type Identity, type Server } from '../lab/lab.ts'
import type { PlanSeen } from '../lab/ports/account.ts'
import type { DatabaseSeen } from '../lab/ports/databases.ts'
import type { GroupRole, GroupSeen } from '../lab/ports/groups.ts'
import type { Host, Page, Rows, Sql } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { NetworkSeen } from '../lab/ports/network.ts'
import type { ServerSeen } from '../lab/ports/servers.ts'
import { Secret } from '../lab/secret.ts'
import { dependencies, projectFiles } from '../phases/3-create-project.ts'
import { passwords } from '../phases/4-create-database.ts'
import { siteOf } from '../phases/7-run-application.ts'
import { readingPages } from '../phases/login-probe.ts'
import { COLUMNS_SQL, INDEXES_SQL, TABLES_SQL } from './database/users-table.ts'
import { type Login, logIn } from './evidence/log-in.ts'

/** Why what needs a login is skipped, where no key is named. */
export const KEY_UNKNOWN = 'its key is not known: name it with --key'

const PROBE_MS = 4_000

/** How long an app on a small server takes to listen, once it is started. */
const START_MS = 2_000

/** What the handout has on the server. */
const HANDMADE_FILES = [
  'app.py',
  'db_config.py',
  ...['register', 'login', 'success', 'error', 'welcome'].map((page) => `templates/${page}.html`),
]

/**
 * What the checks look at. Each thing is looked at once, when the first check asks for it or before, and changes
 * nothing.
 */
export interface Evidence {
  readonly kit: Kit
  identity(): Promise<Identity>
  /** The account's; asked only where something is missing. */
  plan(): Promise<PlanSeen>
  server(): Promise<ServerSeen | undefined>
  database(): Promise<DatabaseSeen | undefined>
  /** The groups of the server and of the database. */
  groups(): Promise<{ readonly server: readonly GroupSeen[]; readonly database: readonly GroupSeen[] }>
  /** The lab's own in the server's VPC, by what they are for; a lab that was made by hand has none. */
  ownGroups(): Promise<OwnGroups>
  network(): Promise<NetworkSeen>
  /** Whether AWS keeps all of the region’s servers from the internet; asked only where nothing comes through. */
  blockedAccess: Kit['cloud']['blockedAccess']
  myAddress(): Promise<string>
  /** Whether a new connection from here comes through, by a word of who answers. */
  ssh(): Promise<Reachability>
  site(): Promise<Reachability>
  /** From the server to the database. */
  databaseFromServer(): Promise<Reachability>
  login(): Promise<Login>
  /** The server, logged in to; only for checks that come after `ssh-login`. */
  host(): Promise<Host>
  around(): Promise<Answers>
  service(): Promise<Answers>
  /** The same, with what the journal says by now. */
  serviceNow(): Promise<Answers>
  /** Who listens on the site's port. */
  listeners(): Promise<readonly Listener[]>
  /** What the app says of itself on its own server. */
  health(): Promise<Health>
  /** A new connection of the master or the app's user, over the server; a handmade lab has one for both. */
  sql(who: 'master' | 'app'): Promise<Sql>
  /** What the database tells of its tables, and of the one of the users. */
  tables(): Promise<TablesSeen>
  /** Why the database would not carry out what the app asks of it; empty where it would. */
  refusals(): Promise<readonly string[]>
  /** What db_config.py says, in a lab that was made by hand. */
  config(): Promise<Readonly<Record<string, string>>>
  page(): Promise<Page>
  /** Closes what it opened, without waiting for what is still being tried. */
  end(): void
}

interface TablesSeen {
  readonly columns: Rows
  readonly indexes: Rows
  readonly tables: Rows
}

type OwnGroups = Partial<Readonly<Record<GroupRole, GroupSeen>>>

export function gatherEvidence(kit: Kit): Evidence {
  const opened: Promise<Sql>[] = []
  const identity = once(() => kit.cloud.whoAmI())
  const byHand = (name: string, phase: number) => {
    if (kit.isHandmade) throw nothingCalled(name, phase, kit)
    return undefined
  }
  const server = once(async () => (await kit.cloud.findServer()) ?? byHand(handout.server, 1))
  const database = once(async () => (await kit.cloud.findDatabase()) ?? byHand(handout.database, 4))
  // Of what could not be looked at, there is nothing to be seen here; its own check tells why.
  const known = <Thing>(look: () => Promise<Thing>) => look().catch(NOTHING)
  const groups = once(async () => {
    const [its, theirs] = await Promise.all([known(server), known(database)])
    const [ofServer, ofDatabase] = [its?.groupIds ?? [], theirs?.groupIds ?? []]
    const all = await kit.cloud.examineGroups([...new Set([...ofServer, ...ofDatabase])])
    return {
      server: all.filter(({ id }) => ofServer.includes(id)),
      database: all.filter(({ id }) => ofDatabase.includes(id)),
    }
  })
  const ownGroups = once(async () => {
    const vpcId = (await server())?.vpcId
    if (kit.isHandmade || vpcId === undefined) return {}
    const attached = byRole(Object.values(await groups()).flat())
    // All three are where they belong in most labs: then there is nothing to search for.
    if (attached.web && attached.link && attached.database) return attached
    return byRole(await kit.cloud.findGroups(vpcId))
  })
  const network = once(async () => kit.cloud.examineNetwork((await server())?.vpcId ?? ''))
  const reachable = async (): Promise<Server> => {
    const seen = await server()
    if (seen?.state !== 'running' || seen.address === undefined) throw notThere(seen)
    return { id: seen.id, address: seen.address, vpcId: seen.vpcId, groupIds: seen.groupIds }
  }
  const probePort = async (port: number, say?: string): Promise<Reachability> => {
    const to = await kit.reach((await reachable()).address, port)
    return kit.probe(to, { forMs: PROBE_MS, ...(say === undefined ? {} : { say }) })
  }
  const login = once(async () => {
    if (kit.isHandmade && !existsSync(kit.record.keyFile)) {
      throw new DoesNotApply(KEY_UNKNOWN)
    }
    return logIn(await reachable(), kit)
  })
  const host = async () => {
    const entry = await login()
    if (entry.how === 'in') return entry.host
    throw entry.error ?? notThere(await server())
  }
  const run = async (command: string, timeoutMs: number) => (await host()).run(command, { timeoutMs })
  const around = once(async () => {
    const files = kit.isHandmade ? HANDMADE_FILES : projectFiles(kit).map(({ path }) => path)
    const packages = kit.isHandmade ? [] : ['node_modules', ...dependencies(kit)]
    const command = lookAround(files, packages, (await known(database))?.endpoint?.host)
    return parseAnswers((await run(command, 10_000)).stdout)
  })
  const endpoint = async () => {
    const known = (await database())?.endpoint
    if (known !== undefined) return known
    throw new LabError({
      what: 'The database has no endpoint yet.',
      remedy: { say: 'Wait until it is available.' },
    })
  }
  const config = once(async () => parsePythonConfig((await around())['config']?.text ?? ''))
  const openSql = async (who: 'master' | 'app'): Promise<Sql> => {
    const { user, password } = kit.isHandmade ? await handmadeLogin(config) : recordedLogin(who, kit)
    return kit.sql(await host(), {
      endpoint: await endpoint(),
      user,
      password,
      database: 'information_schema',
    })
  }
  const lookAtIt = async () => parseAnswers((await run(lookAtService, 10_000)).stdout)
  const service = once(async () => {
    const seen = await lookAtIt()
    if (!isStarting(seen)) return seen
    await kit.clock.sleep(START_MS)
    return sinceThen(seen, await lookAtIt())
  })
  const askNow = async () => readHealth(await run(askHealth({ home: '', node: 'node-22' }), 8_000))
  // What is asked ahead may have been asked before an app that was just started could answer.
  const health = once(async () => {
    const seen = await askNow()
    if (seen.code === 0) return seen
    await service()
    return askNow()
  })
  const browse = async () => kit.browse(`${(await siteOf((await reachable()).address, kit)).url}/`)
  const page = once(async () => {
    const early = browse()
    const seen = await early.catch(NOTHING)
    const isFinal = seen?.status === 200 || (await health().catch(NOTHING))?.code !== 0
    return isFinal ? early : browse()
  })
  const master = once(() => remember(opened, openSql('master')))
  const app = once(() => remember(opened, openSql('app')))
  const tables = once(async () => {
    const sql = await master()
    const [columns, indexes, tables] = await Promise.all([
      sql.query(COLUMNS_SQL, [handout.schema, 'users']),
      sql.query(INDEXES_SQL, [handout.schema, 'users']),
      sql.query(TABLES_SQL, [handout.schema]),
    ])
    return { columns, indexes, tables }
  })
  const refusals = once(async () => {
    const sql = await app()
    const answers = await Promise.all(APP_STATEMENTS.map((statement) => sql.refusalOf(statement)))
    return answers.filter((refusal) => refusal !== undefined)
  })
  const evidence: Evidence = {
    kit,
    identity,
    plan: once(() => kit.cloud.checkPlan()),
    server,
    database,
    groups,
    ownGroups,
    network,
    blockedAccess: once(() => kit.cloud.blockedAccess()),
    myAddress: once(() => kit.myAddress()),
    ssh: once(() => probePort(handout.sshPort)),
    site: once(() => probePort(handout.sitePort, 'HEAD / HTTP/1.0\r\n\r\n')),
    databaseFromServer: once(async () => readProbe(await run(probeDatabase(await endpoint()), 10_000))),
    login,
    host,
    around,
    service,
    serviceNow: lookAtIt,
    listeners: once(async () => parseListeners((await run(lookAtListeners, 10_000)).stdout)),
    health,
    sql: (who) => (who === 'master' ? master() : app()),
    tables,
    refusals,
    config,
    page,
    end() {
      for (const each of opened) void each.then((sql) => sql.close()).catch(NOTHING)
    },
  }
  lookAhead(evidence)
  return evidence
}

function byRole(groups: readonly GroupSeen[]): OwnGroups {
  return Object.fromEntries(groups.flatMap((group) => (group.role ? [[group.role, group]] : [])))
}

/** Begins with what takes long; the checks ask for it later, and judge it in their order. */
function lookAhead({ identity, server, database, network, groups, myAddress, ...evidence }: Evidence): void {
  const begin = (looks: readonly (() => Promise<unknown>)[]) => {
    for (const look of looks) void look()
  }
  begin([identity, database, myAddress])
  void server().then((seen) => {
    if (seen === undefined) return
    begin([network, groups])
    if (seen.state !== 'running') return
    begin([
      evidence.ssh,
      evidence.site,
      evidence.page,
      evidence.around,
      evidence.service,
      evidence.health,
      evidence.databaseFromServer,
    ])
    begin([evidence.tables, evidence.refusals, readingPages])
  }, NOTHING)
}

// Whoever asks for it is told what went wrong.
const NOTHING = () => undefined

/** Up, but not listening yet: as in the second after its start. */
function isStarting(service: Answers): boolean {
  const isUp = /^ActiveState=activ(e|ating)$/m.test(service['service']?.text ?? '')
  return isUp && !service['listening']?.text.includes(`:${handout.sitePort} `)
}

/** Up in the second look, but as another process: between two crashes it is up for a moment. */
function sinceThen(before: Answers, now: Answers): Answers {
  const pidIn = (service: Answers) => /^MainPID=\d+$/m.exec(service['service']?.text ?? '')?.[0]
  const state = now['service']
  if (!isStarting(now) || state === undefined || pidIn(before) === pidIn(now)) return now
  return {
    ...now,
    service: { ...state, text: state.text.replace('ActiveState=active', 'ActiveState=activating') },
  }
}

/** Looks once, and remembers what was seen; a failure as well. */
function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let seen: Promise<Value> | undefined
  return () => {
    seen ??= look()
    // Whoever asks later is told; until somebody does, it is no unhandled failure.
    seen.catch(NOTHING)
    return seen
  }
}

function remember<Value>(list: Promise<Value>[], value: Promise<Value>): Promise<Value> {
  list.push(value)
  return value
}

function recordedLogin(who: 'master' | 'app', kit: Kit) {
  if (kit.record.value.passwords === undefined) throw new DoesNotApply('the lab knows no passwords')
  const user = who === 'master' ? handout.masterUser : handout.appUser
  return { user, password: passwords(kit)[who] }
}

async function handmadeLogin(config: Evidence['config']) {
  const { user, password } = await config()
  if (user === undefined || password === undefined)
    throw new DoesNotApply('db_config.py names no user and password')
  return { user, password: new Secret(password) }
}

function nothingCalled(name: string, phase: number, { cloud }: Kit): LabError {
  return new LabError({
    what: `There is nothing called ${name} in ${cloud.region}.`,
    why: `It was not made yet (phase ${phase}), has another name, was deleted, or is in another region.`,
    remedy: {
      say: 'Look at the console’s region at the top right; --region names another one, --instance and --db another server and database.',
    },
  })
}

function notThere(server: ServerSeen | undefined): LabError {
  return new LabError({
    what: server === undefined ? 'The lab has no server.' : `The server ${server.id} is ${server.state}.`,
    remedy: { say: 'Launch or start it.', run: ['flasklab up'] },
  })
}
