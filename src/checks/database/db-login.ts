import { type Check, fail, type Mend, type Outcome, pass } from '../../lab/check.ts'
import { flasklab, typedAt } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { expectServer } from '../../lab/facts.ts'
import { type Finding, LabError } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { WithCloud } from '../../lab/ports/cloud.ts'
import type { Databases } from '../../lab/ports/databases.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { withFullStop } from '../../lab/text.ts'
import { waitFor } from '../../lab/wait.ts'
import { createDatabase, passwords } from '../../phases/4-create-database.ts'
import { type ConnectKit, connectTo } from '../../phases/host-key.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { AppAccounts, SqlLogin } from '../evidence/database.ts'
import type { Looks } from '../evidence.ts'
import { rerunPhases } from '../rerun-phases.ts'
import { equip } from './app-accounts.ts'
import { untrusted } from './untrusted-certificate.ts'

const { masterUser, appUser, project } = handout

type Seen = Looks<
  | 'server'
  | 'survey'
  | 'database'
  | 'masterLogin'
  | 'appLogin'
  | 'settingsOpen'
  | 'appAccounts'
  | 'demandsTls'
>

export const dbLogin: Check<Seen> = {
  id: 'db-login',
  title: 'The database accepts the lab’s passwords, over TLS',
  needs: ['db-port'],
  async examine(evidence) {
    const { lab } = evidence
    if (lab.isHandmade) return handmadeLogin(evidence)
    const { id } = await expectFound(evidence.database())
    if (lab.record.passwords === undefined) return fail(noPasswords(id), newPasswords(evidence, id))
    const logins = await Promise.all([evidence.masterLogin(), evidence.appLogin()])
    const [master, app] = await Promise.all(logins.map((login) => refusalOf(login, evidence)))
    if (master !== undefined) {
      return fail(refusedMaster(id, master, app !== undefined), {
        title: `give ${masterUser} of ${id} the lab’s password again`,
        apply: (kit) => resetMaster(id, evidence, kit),
      })
    }
    if (app === undefined) return pass()
    // Where the app's settings open the database the two agree, and the record alone differs.
    if (await evidence.settingsOpen())
      return { ...fail(otherRecord(id), noteDown(evidence)), explains: ['app-env'] }
    const accounts = await evidence.appAccounts()
    if (accounts.narrower !== undefined)
      return fail(shadowed(id, accounts.narrower, app), equip(evidence, accounts.narrower))
    return fail(
      refusedApp(id, app, accounts),
      rerunPhases(evidence, 'make the app’s user and its password again', ['schema']),
    )
  },
}

function noteDown(evidence: Seen): Mend {
  return {
    title: `note the password of ${appUser} in the lab’s record`,
    async apply(kit) {
      const app = (await evidence.survey()).env.settings['RDS_PASSWORD'] ?? ''
      kit.record.save({ passwords: { master: passwords(kit).master.reveal(), app } })
    },
  }
}

function otherRecord(id: string): Finding {
  return {
    what: `The lab’s record has another password for ${appUser} than the database ${id} and the app’s settings, which agree.`,
    why: 'The app works with theirs. So the file lab.json on this machine was changed, or put back from an older copy.',
    remedy: {
      say: 'Have theirs noted in the record, which the doctor does without showing it.',
      run: [flasklab('doctor', { fix: true, yes: true })],
    },
  }
}

async function handmadeLogin(evidence: Seen): Promise<Outcome> {
  const refusal = await refusalOf(await evidence.appLogin(), evidence)
  if (refusal === undefined) return needsTls(evidence)
  const { id } = await expectFound(evidence.database())
  return fail({
    what: `The database ${id} does not accept the user and password in db_config.py.`,
    why: `${withFullStop(refusal.why ?? '')} It is the password that was chosen when the database was made.`,
    remedy: {
      say: `Correct db_config.py on the server; or set a new master password (in the console: RDS, ${id}, Modify) and write that.`,
      run: [typedAt('server', `nano ~/${project}/db_config.py`)],
    },
  })
}

/** Why it is refused; undefined where it is let in. */
async function refusalOf(login: SqlLogin, evidence: Seen): Promise<Finding | undefined> {
  if (login.how === 'untrusted') throw new LabError(await untrusted(evidence, login.finding))
  return login.how === 'in' ? undefined : login.finding
}

/** The doctor's own connection has TLS. mysql.connector takes TLS where it is offered, other clients only where they are told to. */
async function needsTls(evidence: Seen): Promise<Outcome> {
  if (!(await evidence.demandsTls())) return pass()
  const { tls } = (await evidence.survey()).config
  const error = 'error 3159, "Connections using insecure transport are prohibited"'
  if (tls !== 'off') {
    return pass(
      tls === 'named'
        ? 'over TLS, which the database demands'
        : `the database demands TLS: mysql.connector uses it by itself; PyMySQL and MySQLdb need an entry "ssl" in db_config.py, and end in ${error} without`,
    )
  }
  return fail({
    what: `The database ${(await expectFound(evidence.database())).id} demands TLS, and db_config.py on the server switches it off (ssl_disabled).`,
    why: `Its parameter group has require_secure_transport=1: the app ends in ${error}.`,
    remedy: {
      say: 'Take the line with ssl_disabled out of db_config.py on the server, and restart the app.',
    },
  })
}

const CONNECT_MS = 10_000
const RESET_MS = 60_000

async function resetMaster(id: string, evidence: Seen, kit: Kit): Promise<void> {
  await kit.cloud.setMasterPassword(id, passwords(kit).master)
  const title = `${id} to take the password`
  await waitFor({ title, everyMs: 2_000, forMs: RESET_MS }, () => hasBegun(evidence, kit), kit)
  await createDatabase.make({ network: await kit.cloud.findNetwork() }, kit)
}

/** RDS goes on to call a database available until it begins; one that takes the password has done it already. */
async function hasBegun(
  { server }: Seen,
  kit: ConnectKit & WithCloud<Databases> & Pick<Kit, 'sql'>,
): Promise<true | undefined> {
  const { status, endpoint } = { endpoint: undefined, ...(await kit.cloud.findDatabase()) }
  if (status !== 'available' || endpoint === undefined) return true
  const login = { user: masterUser, password: passwords(kit).master, database: 'information_schema' }
  try {
    const host = await connectTo(expectServer(await server()), kit, CONNECT_MS)
    await (await kit.sql(host, { endpoint, ...login })).close()
    return true
  } catch {
    return undefined
  }
}

function newPasswords(evidence: Seen, id: string): Mend {
  return {
    title: `choose new passwords for ${id}, and give them to the database and the app`,
    async apply(kit) {
      await resetMaster(id, evidence, kit)
      await rerunPhases(evidence, '', ['schema', 'site']).apply(kit)
    },
  }
}

function noPasswords(id: string): Finding {
  return {
    what: `The lab’s record does not hold the passwords of ${id} any more.`,
    why: 'They are kept in the file lab.json on this machine and nowhere else; AWS tells no password.',
    remedy: {
      say: 'Put the file back if you have a copy. If not: the doctor sets new ones (RDS needs no old one) and gives the app its own.',
      run: [flasklab('doctor', { fix: true, yes: true })],
    },
  }
}

function refusedMaster(id: string, { why = '' }: Finding, isAppRefused: boolean): Finding {
  const both = isAppRefused
    ? ` ${appUser} is refused as well: if that stays, an account for the server’s own address, without a name perhaps, stands before both.`
    : ''
  return {
    what: `The database ${id} does not let ${masterUser} in with the lab’s password.`,
    why: `${withFullStop(why)} Somebody has changed the master password, in the console perhaps, or it was typed into a shell that ate a $ or !.${both}`,
    remedy: {
      say: 'Set it to the lab’s own again (RDS needs no old one), which the doctor does without showing it.',
      run: [flasklab('doctor', { fix: true, yes: true })],
    },
  }
}

function shadowed(id: string, host: string, { why = '' }: Finding): Finding {
  return {
    what: `In the database ${id} the account ${appUser}@${host} stands before ${appUser}@%, the app’s own.`,
    why: `${withFullStop(why)} MySQL takes the account whose host is narrowest, and that one has another password, or is locked.`,
    remedy: {
      say: 'Give it the lab’s password and the app’s rights, which the doctor does; what was stored stays.',
      run: [flasklab('doctor', { fix: true, yes: true })],
    },
  }
}

function refusedApp(id: string, { why = '' }: Finding, { exists }: AppAccounts): Finding {
  const cause = !exists
    ? `There is no such user: it was dropped, or phase ${phaseNumber('schema')} never made it.`
    : /account is locked/i.test(why)
      ? 'Somebody has locked it (ALTER USER … ACCOUNT LOCK).'
      : 'Its password was changed.'
  return {
    what: `The database ${id} does not let ${appUser} in, the user of the app.`,
    why: `${withFullStop(why)} ${cause} The app can’t log in, and answers 503.`,
    remedy: {
      say: `Make user and password again; phase ${phaseNumber('schema')} does.`,
      run: [flasklab('up')],
    },
  }
}
