import { schemaSql } from '../host/schema-sql.ts'
import { handout } from '../lab/lab.ts'
import { Secret } from '../lab/secret.ts'
import { appAnswers } from './app.ts'
import type { Drill } from './drill.ts'
import type { DrillContext } from './drill-context.ts'

const { appUser, schema, service } = handout

/** Faults inside the database: its users, their rights and its tables. */
export const schemaDrills: readonly Drill[] = [
  sqlDrill({
    id: 'app-password',
    level: 'medium',
    symptom: 'Since the app was restarted, registering says: Back in a moment. Before, all was well.',
    hints: [
      'The database answers. What does it answer to the app?',
      'Look at what the app writes to its journal about access.',
      'The database has another password for flaskapp than the app’s settings.',
    ],
    fault: 'The database had another password for the app’s user.',
    expectedCheck: 'db-login',
    spoil: `ALTER USER ${appUser}@'%' IDENTIFIED BY 'Changed-by-someone-1' REQUIRE SSL;`,
    isRestarted: true,
    mend: userSql,
  }),
  sqlDrill({
    id: 'app-user-dropped',
    level: 'hard',
    symptom: 'A tidy colleague removed database accounts "that nobody uses by hand". Logins fail since then.',
    hints: [
      'Who uses an account, if not by hand?',
      'SELECT User FROM mysql.user shows who is left.',
      'The user flaskapp, by which the app logs in to MySQL, is gone.',
    ],
    fault: 'The app’s own database user had been dropped.',
    expectedCheck: 'db-login',
    spoil: `DROP USER ${appUser}@'%';`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'table-dropped',
    level: 'easy',
    symptom: 'Everybody’s account is gone, and nobody can register again.',
    hints: [
      'Where does the app keep its accounts?',
      'Look into the database on the server: mysql, then SHOW TABLES.',
      'The table users is gone.',
    ],
    fault: 'The table users had been dropped.',
    expectedCheck: 'db-schema',
    spoil: `DROP TABLE ${schema}.users;`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'schema-dropped',
    level: 'medium',
    symptom: 'The app says that it can’t; "mysql" on the server says: Unknown database.',
    hints: [
      'Is the name of the RDS instance the name of a database in it?',
      'SHOW DATABASES tells which there are.',
      'The database flaskdb was dropped, with its table.',
    ],
    fault: 'The database flaskdb had been dropped.',
    expectedCheck: 'db-schema',
    spoil: `DROP DATABASE ${schema};`,
    mend: userSql,
  }),
  sqlDrill({
    id: 'column-renamed',
    level: 'medium',
    symptom: 'Registering ends with "Something went wrong" since somebody made the table "more readable".',
    hints: [
      'The app is as it was, the table is not.',
      'Compare DESCRIBE users with the schema of phase 6.',
      'The column password_hash is called something else now.',
    ],
    fault: 'The column password_hash had been renamed.',
    expectedCheck: 'db-schema',
    // A column that an earlier drill has left would be in the way.
    spoil: [
      `ALTER TABLE ${schema}.users DROP COLUMN IF EXISTS secret;`,
      `ALTER TABLE ${schema}.users CHANGE password_hash secret VARCHAR(255) NULL;`,
    ].join('\n'),
    // Renamed back, where nobody has made another one: the accounts keep their passwords.
    mend: () =>
      [
        'DELIMITER //',
        `IF NOT EXISTS (SELECT * FROM information_schema.columns WHERE table_schema = '${schema}'`,
        `  AND table_name = 'users' AND column_name = 'password_hash') THEN`,
        `  ALTER TABLE ${schema}.users CHANGE secret password_hash VARCHAR(255) NOT NULL;`,
        'END IF //',
      ].join('\n'),
  }),
  sqlDrill({
    id: 'grant-revoked',
    level: 'hard',
    symptom: 'Who has an account can log in. New visitors can’t register.',
    hints: [
      'Reading works, and writing does not. For whom?',
      'SHOW GRANTS shows what a user of the database may do.',
      'flaskapp has lost the right to INSERT into users.',
    ],
    fault: 'The app’s user had lost the right to INSERT.',
    expectedCheck: 'db-schema',
    spoil: `REVOKE INSERT ON ${schema}.users FROM ${appUser}@'%';`,
    mend: userSql,
  }),
]

interface SqlDrill extends Omit<Drill, 'plant' | 'solve'> {
  readonly spoil: string
  /** The app holds connections that are older than the fault. */
  readonly isRestarted?: boolean
  readonly mend: (context: DrillContext) => string
}

function sqlDrill({ spoil, isRestarted = false, mend, ...drill }: SqlDrill): Drill {
  return {
    ...drill,
    async plant(context) {
      await context.sql(spoil)
      if (!isRestarted) return
      await context.onServer(`sudo systemctl restart ${service}`)
      await appAnswers(context)
    },
    solve: async (context) => context.sql(mend(context)),
  }
}

/** The SQL of phase 6, the app's user and its rights included. */
function userSql({ lab, schema: tables }: DrillContext): string {
  return schemaSql(tables, new Secret(lab.passwords?.app ?? ''))
}
