import { probeDatabase, readProbe } from '../../host/commands.ts'
import { APP_STATEMENTS } from '../../host/schema-sql.ts'
import { DoesNotApply } from '../../lab/check.ts'
import { type Finding, hasCode, LabError } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { Sql } from '../../lab/ports/host.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { Secret } from '../../lab/secret.ts'
import { knownPasswords, passwords } from '../../phases/4-create-database.ts'
import type { CloudLooks } from './cloud.ts'
import type { Entry } from './entry.ts'
import { NOTHING, once } from './once.ts'
import type { ServerLooks } from './server.ts'

/** How a login to the database ends; `untrusted`: by the certificate that it shows. */
export type SqlLogin =
  | { readonly how: 'in' }
  | { readonly how: 'refused' | 'untrusted'; readonly finding: Finding }

/** The hosts of the accounts called flaskapp; phase 6 makes the one for '%', which is any host. */
export interface AppAccounts {
  readonly exists: boolean
  /** A host narrower than any, which is the server's: MySQL takes that account, and not phase 6's. */
  readonly narrower: string | undefined
}

/** Connections to the database, over the server; each is opened once. */
export interface SqlAccess {
  /** A handmade lab has one user for both. */
  readonly as: Readonly<Record<'master' | 'app', () => Promise<Sql>>>
  /** Opens one more, as the app's user. */
  open(user: string, password: Secret): Promise<Sql>
  /** Closes what was opened, without waiting for what is still being tried. */
  end(): void
}

type Seen = Pick<CloudLooks, 'database'> & Pick<ServerLooks, 'survey'>

export function accessSql(
  kit: Pick<Kit, 'isHandmade' | 'record' | 'sql'>,
  { database, survey }: Seen,
  entry: Entry,
): SqlAccess {
  const opened: Promise<Sql>[] = []
  const open = (user: string, password: Secret) => {
    const connection = connect(kit, database, entry, user, password)
    opened.push(connection)
    return connection
  }
  const enter = async (who: 'master' | 'app') => {
    const { user, password } = kit.isHandmade ? await handmadeLogin(survey) : recordedLogin(who, kit)
    return open(user, password)
  }
  return {
    as: { master: once(() => enter('master')), app: once(() => enter('app')) },
    open,
    end() {
      for (const each of opened) void each.then((sql) => sql.close()).catch(NOTHING)
    },
  }
}

async function connect(
  kit: Pick<Kit, 'sql'>,
  database: CloudLooks['database'],
  entry: Entry,
  user: string,
  password: Secret,
): Promise<Sql> {
  const endpoint = (await database())?.endpoint
  if (endpoint === undefined) throw noEndpoint()
  return kit.sql(await entry.host(), { endpoint, user, password, database: 'information_schema' })
}

export type DatabaseLooks = ReturnType<typeof databaseLooks>

/** How the database lets the server and its users in. */
export function databaseLooks(
  kit: Pick<Kit, 'record'>,
  { database, survey }: Seen,
  entry: Entry,
  access: SqlAccess,
) {
  return {
    /** Whether a new connection from the server comes through. */
    databaseFromServer: once(async () => {
      const endpoint = (await database())?.endpoint
      if (endpoint === undefined) throw noEndpoint()
      return readProbe(await entry.run(probeDatabase(endpoint), 10_000))
    }),
    masterLogin: once(() => loginBy(access.as.master)),
    appLogin: once(() => loginBy(access.as.app)),
    /** Whether the password in the app's settings opens the database, where it is another one than the record's. */
    settingsOpen: once(async () => {
      const password = (await survey()).env.settings['RDS_PASSWORD']
      if (password === undefined || password === knownPasswords(kit)?.app.reveal()) return false
      const login = await loginBy(() => access.open(handout.appUser, new Secret(password)))
      return login.how === 'in'
    }),
    appAccounts: once(async () => accountsIn(await access.as.master())),
    /** Why the database would not carry out what the app asks of it; empty where it would. It executes nothing. */
    refusals: once(async (): Promise<readonly string[]> => {
      const sql = await access.as.app()
      const answers = await Promise.all(APP_STATEMENTS.map((statement) => sql.refusalOf(statement)))
      return answers.filter((refusal) => refusal !== undefined)
    }),
    /** Whether it takes connections over TLS only. */
    demandsTls: once(async () => {
      const sql = await access.as.app()
      const [row] = await sql.query('SELECT @@require_secure_transport AS needed', []).catch(() => [])
      return Number(row?.['needed'] ?? 0) !== 0
    }),
  }
}

function noEndpoint(): LabError {
  return new LabError({
    what: 'The database has no endpoint yet.',
    remedy: { say: 'Wait until it is available.' },
  })
}

/** Tells a refused login from an untrusted certificate; throws what else ends the connection. */
async function loginBy(open: () => Promise<Sql>): Promise<SqlLogin> {
  try {
    await open()
    return { how: 'in' }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    if (hasCode(error, 'login-refused')) return { how: 'refused', finding: error.finding }
    if (hasCode(error, 'untrusted')) return { how: 'untrusted', finding: error.finding }
    throw error
  }
}

async function accountsIn(master: Sql): Promise<AppAccounts> {
  // Master and app come from the same server: what its host is called, the database itself says. LIKE compares
  // as the accounts do, but for networks with a mask.
  const rows = await master.query(
    "SELECT Host AS host, SUBSTRING_INDEX(USER(), '@', -1) LIKE Host OR Host LIKE '%/%' AS fits FROM mysql.user WHERE User = ?",
    [handout.appUser],
  )
  const hosts = rows.filter((row) => Number(row['fits']) === 1).map((row) => String(row['host']))
  return { exists: rows.length > 0, narrower: hosts.find((host) => host !== '%') }
}

function recordedLogin(who: 'master' | 'app', kit: Pick<Kit, 'record'>) {
  if (kit.record.value.passwords === undefined) throw new DoesNotApply('the lab knows no passwords')
  const user = who === 'master' ? handout.masterUser : handout.appUser
  return { user, password: passwords(kit)[who] }
}

async function handmadeLogin(survey: ServerLooks['survey']) {
  const { user, password } = (await survey()).config.settings
  if (user === undefined || password === undefined)
    throw new DoesNotApply('db_config.py names no user and password')
  return { user, password: new Secret(password) }
}
