import { fail, type Outcome } from '../../lab/check.ts'
import { type Command, flasklab, typedAt } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'
import { type FactLooks, rerunPhases } from '../rerun-phases.ts'

const { schema, masterUser } = handout

/** Tells of a table that is not there. An empty one beside one that was renamed would hide the users for good. */
export async function lostTable(
  alike: readonly string[],
  evidence: FactLooks & Looks<'hasSchema'>,
): Promise<Outcome> {
  if (alike.length > 0) return fail(otherName(alike))
  const mend = rerunPhases(evidence, 'make what is missing of database, table and grants', ['schema'])
  return fail(noTable(await evidence.hasSchema()), mend)
}

export function noTable(hasSchema: boolean): Finding {
  return {
    what: hasSchema
      ? `The table users is missing in the database ${schema} (ER_NO_SUCH_TABLE).`
      : `The database ${schema} is missing ("Unknown database", 1049).`,
    why: hasSchema
      ? `It was dropped, or phase ${phaseNumber('schema')} never ran to its end; with it went the users that had registered.`
      : `The name of an RDS instance is not the name of a database in it: that one is made by SQL, in phase ${phaseNumber('schema')}.`,
    remedy: { say: 'Make it again, empty.', run: [flasklab('up')] },
  }
}

function otherName(alike: readonly string[]): Finding {
  return {
    what: `The table users is missing in the database ${schema} (ER_NO_SUCH_TABLE), and there is what has its name or its columns: ${alike.map((each) => `"${each}"`).join('; ')}.`,
    why: 'It was renamed, and the users are in there. MySQL on RDS tells capital letters from small ones in the names of tables. A view stores nothing of its own, and can’t take its place.',
    remedy: {
      say: 'Drop what is a view, and give the table that holds the users its name again.',
      run: atMysql('DROP VIEW users;   -- where there is one', 'RENAME TABLE FORMER_NAME TO users;'),
    },
  }
}

/** Statements for the student's own hand. */
export function atMysql(...statements: readonly string[]): readonly Command[] {
  const note = 'the password is passwords.master in lab.json'
  return [
    flasklab('ssh'),
    typedAt('server', `mysql -u ${masterUser} -p ${schema}`, note),
    ...statements.map((each) => typedAt('mysql', each)),
    typedAt('mysql', 'exit'),
  ]
}
