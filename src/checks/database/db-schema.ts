import { type Check, fail, type Mend, type Outcome, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { withFullStop } from '../../lab/text.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import { quoted, type TableSeen } from '../evidence/schema.ts'
import type { Looks } from '../evidence.ts'
import { rerunPhases } from '../rerun-phases.ts'
import { equip, runAsMaster } from './app-accounts.ts'
import { atMysql, lostTable, noTable } from './lost-table.ts'
import { COLUMNS, type Difference, missingColumns, silentDifferences, strangeColumns } from './users-table.ts'

const { schema, appUser, masterUser } = handout
const USERS = `${schema}.users`

type Seen = Looks<
  'server' | 'survey' | 'database' | 'table' | 'hasSchema' | 'hashColumns' | 'refusals' | 'appAccounts'
>

export const dbSchema: Check<Seen> = {
  id: 'db-schema',
  title: 'Database, table, columns and grants are there',
  needs: ['db-login'],
  // Data is nobody's but the student's: what would cost some is told, and not done.
  async examine(evidence) {
    const table = await evidence.table()
    if (evidence.lab.isHandmade) return byHand(table, evidence)
    if (!table.alike.includes('users')) return lostTable(table.alike, evidence)
    if (missingColumns(table).length > 0) return lostColumns(table, evidence)
    const different = silentDifferences(table)
    return different.length === 0 ? rights(evidence) : alterTable(different, evidence)
  },
}

/** Phase 6 as the handout has it. */
async function byHand({ columns }: TableSeen, { hasSchema }: Seen): Promise<Outcome> {
  const lost = ['id', 'name', 'password'].filter((column) => !columns.some(({ name }) => name === column))
  if (lost.length === 0) return pass()
  const { what, why = '' } =
    columns.length === 0
      ? noTable(await hasSchema())
      : {
          what: `The table ${schema}.users lacks the column ${lost.join(', ')} (ER_BAD_FIELD_ERROR).`,
          why: 'The app names its columns, so registering or logging in fails.',
        }
  const remedy = {
    say: `Make it with the statements of phase ${phaseNumber('schema')}, in the mysql client on the server.`,
  }
  return fail({ what, why, remedy })
}

/** Hashes look like nothing else. An empty column beside the one that holds them would hide them. */
async function lostColumns(table: TableSeen, evidence: Seen): Promise<Outcome> {
  const [missing, strange] = [missingColumns(table), strangeColumns(table)]
  const hashes = (await evidence.hashColumns()).filter((name) => strange.includes(name))
  const [former] = hashes
  const isCertain = missing.join() === 'password_hash' && hashes.length === 1
  if (former === undefined || !isCertain)
    return fail(columnsGone(missing, strange, await evidence.refusals()))
  const renamed = {
    is: `has the column ${former} in the place of password_hash (ER_BAD_FIELD_ERROR)`,
    breaks:
      'The app names its columns, so registering or logging in fails. It was renamed; what stands in it is kept.',
    alter: `CHANGE COLUMN ${quoted(former)} password_hash ${COLUMNS.password_hash}`,
  }
  return alterTable([renamed], evidence)
}

function columnsGone(
  missing: readonly string[],
  strange: readonly string[],
  refusals: readonly string[],
): Finding {
  const isOne = missing.length === 1
  const whither =
    strange.length === 0
      ? ''
      : ` ${isOne ? 'Its' : 'Their'} contents may stand in ${strange.join(', ')}, which the app does not know.`
  return {
    what: `The database refuses what the app asks of the table ${USERS}: ${withFullStop([...new Set(refusals)].join('; '))}`,
    why: `The app names its columns, and ${missing.join(', ')} ${isOne ? 'is' : 'are'} missing.${whither}`,
    remedy: {
      say: 'Give a column that was renamed its name again: so it keeps what stands in it. Where one was dropped, what stood in it is gone: add it anew, or drop the table, and "flasklab up" makes it again, empty.',
      run: atMysql('DESCRIBE users;', 'ALTER TABLE users RENAME COLUMN FORMER_NAME TO NAME;'),
    },
  }
}

function alterTable(different: readonly Difference[], evidence: Seen): Outcome {
  const sql = `ALTER TABLE ${USERS} ${different.map(({ alter }) => alter).join(', ')}`
  const finding: Finding = {
    what: `The table ${USERS} ${different.map(({ is }) => is).join('; ')}.`,
    why: [...new Set(different.map(({ breaks }) => breaks))].join(' '),
    remedy: {
      say: `Change it back: as ${masterUser}, with ${sql}, which the doctor does. Where two rows share a name, or hold what does not fit, MySQL refuses it, and says which.`,
      run: [flasklab('doctor', { fix: true, yes: true })],
    },
  }
  const apply: Mend['apply'] = (kit) => runAsMaster(evidence, kit, `${sql};\n`, 'change the table users')
  return fail(finding, { title: sql, apply })
}

async function rights(evidence: Seen): Promise<Outcome> {
  const said = [...new Set(await evidence.refusals())]
  if (said.length === 0) return pass()
  const { narrower } = await evidence.appAccounts()
  return fail(noRight(said, narrower), grant(evidence, narrower))
}

function grant(evidence: Seen, narrower: string | undefined): Mend {
  return narrower === undefined
    ? rerunPhases(evidence, 'make what is missing of database, table and grants', ['schema'])
    : equip(evidence, narrower)
}

function noRight(said: readonly string[], narrower: string | undefined): Finding {
  return {
    what: `The user ${appUser}@${narrower ?? '%'} lacks rights that the app needs: ${withFullStop(said.join('; '))}`,
    why: `The app works with the rights of its own user, not with the master’s.${narrower === undefined ? '' : ` MySQL takes the account whose host is narrowest, so ${appUser}@%, which phase ${phaseNumber('schema')} made, does not count.`}`,
    remedy:
      narrower === undefined
        ? { say: `Grant them again; phase ${phaseNumber('schema')} does.`, run: [flasklab('up')] }
        : {
            say: 'Grant them to it, which the doctor does.',
            run: [flasklab('doctor', { fix: true, yes: true })],
          },
  }
}
