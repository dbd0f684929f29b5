import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { Rows, Sql } from '../../lab/ports/host.ts'
import type { Evidence } from '../evidence.ts'
import { runAsMaster } from './app-accounts.ts'
import type { Fault } from './db-schema.ts'
import { quoted } from './users-table.ts'

const { schema, masterUser } = handout

const ALIKE_SQL =
  "SELECT TABLE_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND COLUMN_NAME IN ('id', 'name', 'password_hash') GROUP BY TABLE_NAME HAVING COUNT(*) = 3"

/** Tables of another name that have the columns of users. */
export async function usersElsewhere(master: Sql, tables: Rows): Promise<readonly string[]> {
  const alike = (await master.query(ALIKE_SQL, [schema])).map(({ name }) => String(name))
  const isTable = (table: string) => tables.some(({ name, type }) => name === table && type !== 'VIEW')
  return alike.filter((name) => name !== 'users' && isTable(name))
}

/** An empty table in its place would hide them for good. */
export function otherName(tables: readonly string[], evidence: Evidence): Fault {
  const [first = ''] = tables
  const sql = rename(first)
  const found = {
    what: `The table users is missing in the database ${schema} (ER_NO_SUCH_TABLE), and ${tables.map((each) => `"${each}"`).join(', ')} has its columns.`,
    why: 'It was renamed, and the users are in there. MySQL on RDS tells capital letters from small ones in the names of tables.',
  }
  if (tables.length > 1) {
    const say = 'Give the one that holds the users its name again.'
    return { finding: { ...found, remedy: { say, run: atMysql(`${sql};`) } } }
  }
  const say = `Give it its name again: as ${masterUser}, with ${sql}, which the doctor does.`
  return {
    finding: { ...found, remedy: { say, run: ['flasklab doctor --fix --yes'] } },
    mend: { title: sql, apply: () => runAsMaster(evidence, `${sql};\n`, 'rename the table') },
  }
}

export function viewInPlace([table]: readonly string[]): Finding {
  const drop = `DROP VIEW ${schema}.users;`
  return {
    what: `users in the database ${schema} is a view and no table${table === undefined ? '' : `; "${table}" is a table with its columns`}.`,
    why: 'A view stores nothing of its own: it has no numbers to give and no UNIQUE index, and can’t be altered to have them.',
    remedy:
      table === undefined
        ? { say: 'Drop the view, and have phase 6 make the table.', run: [...atMysql(drop), 'flasklab up'] }
        : {
            say: `Drop the view, and give the table that holds the users its name again.`,
            run: atMysql(drop, `${rename(table)};`),
          },
  }
}

/** Statements for the student's own hand. */
export function atMysql(...statements: readonly string[]): readonly string[] {
  return [
    'flasklab ssh',
    `mysql -u ${masterUser} -p   # on the server; the password is passwords.master in lab.json`,
    ...statements,
    'exit',
  ]
}

function rename(table: string): string {
  return `RENAME TABLE ${schema}.${quoted(table)} TO ${schema}.users`
}
