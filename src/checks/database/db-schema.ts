import { type Check, fail, type Mend, pass } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { Rows, Sql } from '../../lab/ports/host.ts'
import { withFullStop } from '../../lab/text.ts'
import type { Evidence } from '../evidence.ts'
import { rerunPhases } from '../rerun-phases.ts'
import { appAccounts, equip, runAsMaster } from './app-accounts.ts'
import { atMysql, otherName, usersElsewhere, viewInPlace } from './users-elsewhere.ts'
import {
  type Difference,
  differences,
  hashCandidates,
  hashesSql,
  makesNamesUnique,
  repeatedRowsSql,
  type TableSeen,
} from './users-table.ts'

const { schema, masterUser, appUser } = handout

export const dbSchema: Check<Evidence> = {
  id: 'db-schema',
  title: 'Database, table, columns and grants are there',
  needs: ['db-login'],
  async examine(evidence) {
    const fault = await faultOf(evidence)
    return fault === undefined ? pass() : fail(fault.finding, fault.mend)
  },
}

export interface Fault {
  readonly finding: Finding
  readonly mend?: Mend
}

// Data is nobody's but the student's: what would cost some is told, and not done.
async function faultOf(evidence: Evidence): Promise<Fault | undefined> {
  const master = await evidence.sql('master')
  const { columns, indexes, tables } = await evidence.tables()
  if (evidence.kit.isHandmade)
    return faultByHand(
      columns.map(({ name }) => String(name)),
      evidence,
    )
  const mend = rerunPhases(evidence, 'make what is missing of database, table and grants', ['schema'])
  if (tables.some(({ name, type }) => name === 'users' && type === 'VIEW'))
    return { finding: viewInPlace(await usersElsewhere(master, tables)) }
  if (columns.length === 0) {
    const elsewhere = await usersElsewhere(master, tables)
    return elsewhere.length === 0
      ? { finding: noTable(await hasDatabase(evidence)), mend }
      : otherName(elsewhere, evidence)
  }
  const different = differences({ columns, indexes, hashesIn: await hashesIn(master, { columns, indexes }) })
  if (different.length === 0) return withheld(evidence, mend)
  const repeated = await repeatedRows(master, columns, different)
  return repeated.length === 0
    ? { finding: otherTable(different), mend: alterTable(evidence, different) }
    : { finding: sameNames(different, repeated) }
}

/** Where all hashes are; in an empty table, where they would fit. */
async function hashesIn(master: Sql, table: TableSeen): Promise<string | undefined> {
  const candidates = hashCandidates(table)
  if (candidates.length === 0) return undefined
  const [row = {}] = await master.query(hashesSql(`${schema}.users`, candidates), [])
  const found = candidates.filter((_, index) => Number(row[`h${index}`]) === 1)
  return found.length === 1 ? found[0] : undefined
}

async function repeatedRows(master: Sql, columns: Rows, different: readonly Difference[]): Promise<Rows> {
  const isThere = (column: string) => columns.some(({ name }) => name === column)
  if (!makesNamesUnique(different) || !isThere('id') || !isThere('name')) return []
  return master.query(repeatedRowsSql(`${schema}.users`, different), [])
}

/** Which of them is somebody's, nobody knows but the student. */
function sameNames(different: readonly Difference[], rows: Rows): Finding {
  const { what, why } = otherTable(different)
  const later = rows.flatMap(({ id, first }) => (id === first ? [] : [id])).join(', ')
  return {
    what: `${what.replace(/\.$/, '')}; and of its rows ${rows.map(({ id, name }) => `${id} ("${name}")`).join(', ')} share a name.`,
    ...(why === undefined ? {} : { why }),
    remedy: {
      say: 'While two rows share a name, MySQL makes no UNIQUE index. Rename the later ones, or delete them (who registered so must do it again); then the doctor changes the table.',
      run: [
        ...atMysql(
          `UPDATE ${schema}.users SET name = CONCAT(name, '-', id) WHERE id IN (${later});`,
          `-- or: DELETE FROM ${schema}.users WHERE id IN (${later});`,
        ),
        'flasklab doctor --fix --yes',
      ],
    },
  }
}

/** Phase 6 as the handout has it. */
async function faultByHand(columns: readonly string[], evidence: Evidence): Promise<Fault | undefined> {
  const lost = ['id', 'name', 'password'].filter((column) => !columns.includes(column))
  if (lost.length === 0) return undefined
  const { what, why } =
    columns.length === 0
      ? noTable(await hasDatabase(evidence))
      : {
          what: `The table ${schema}.users lacks the column ${lost.join(', ')} (ER_BAD_FIELD_ERROR).`,
          why: 'The app names its columns, so registering or logging in fails.',
        }
  return {
    finding: {
      what,
      ...(why === undefined ? {} : { why }),
      remedy: { say: 'Make it with the statements of phase 6, in the mysql client on the server.' },
    },
  }
}

/** Which of the app's statements the database would refuse; it is told all of them, and executes none. */
async function withheld(evidence: Evidence, mend: Mend): Promise<Fault | undefined> {
  const said = [...new Set(await evidence.refusals())]
  if (said.length === 0) return undefined
  const { narrower } = await appAccounts(evidence)
  return narrower === undefined
    ? { finding: noRight(said, '%'), mend }
    : { finding: noRight(said, narrower), mend: equip(evidence, narrower) }
}

async function hasDatabase(evidence: Evidence): Promise<boolean> {
  const master = await evidence.sql('master')
  const found = await master.query(
    'SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [schema],
  )
  return found.length > 0
}

function noTable(hasSchema: boolean): Finding {
  return {
    what: hasSchema
      ? `The table users is missing in the database ${schema} (ER_NO_SUCH_TABLE).`
      : `The database ${schema} is missing ("Unknown database", 1049).`,
    why: hasSchema
      ? 'It was dropped, or phase 6 never ran to its end; with it went the users that had registered.'
      : 'The name of an RDS instance is not the name of a database in it: that one is made by SQL, in phase 6.',
    remedy: { say: 'Make it again, empty.', run: ['flasklab up'] },
  }
}

function otherTable(different: readonly Difference[]): Finding {
  return {
    what: `The table ${schema}.users ${different.map(({ is }) => is).join('; ')}.`,
    why: [...new Set(different.map(({ breaks }) => breaks))].join(' '),
    remedy: {
      say: `Change it back: as ${masterUser}, with ${alteration(different)}, which the doctor does.`,
      run: ['flasklab doctor --fix --yes'],
    },
  }
}

function alteration(different: readonly Difference[]): string {
  return `ALTER TABLE ${schema}.users ${[...new Set(different.map(({ alter }) => alter))].join(', ')}`
}

function alterTable(evidence: Evidence, different: readonly Difference[]): Mend {
  const sql = alteration(different)
  return { title: sql, apply: () => runAsMaster(evidence, `${sql};\n`, 'change the table users') }
}

function noRight(said: readonly string[], host: string): Finding {
  const isOwn = host === '%'
  return {
    what: `The user ${appUser}@${host} lacks rights that the app needs: ${withFullStop(said.join('; '))}`,
    why: `The app works with the rights of its own user, not with the master’s.${isOwn ? '' : ` Of several accounts MySQL takes the one whose host is narrowest, so ${appUser}@%, which phase 6 made, does not count.`}`,
    remedy: isOwn
      ? { say: 'Grant them again; phase 6 does.', run: ['flasklab up'] }
      : { say: 'Grant them to it, which the doctor does.', run: ['flasklab doctor --fix --yes'] },
  }
}
