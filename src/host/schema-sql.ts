import { handout } from '../lab/lab.ts'
import type { Secret } from '../lab/secret.ts'
import { sqlQuote } from './quote.ts'

/**
 * Everything of phase 6, so that it can be run again at any time. `CREATE USER IF NOT EXISTS` alone would leave
 * an old password in place, hence the `ALTER USER` behind it.
 */
export function schemaSql(schema: string, appPassword: Secret): string {
  const user = `${sqlQuote(handout.appUser)}@'%'`
  const password = sqlQuote(appPassword.reveal())
  return [
    `CREATE DATABASE IF NOT EXISTS ${handout.schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;`,
    `USE ${handout.schema};`,
    schema,
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY ${password} REQUIRE SSL;`,
    `ALTER USER ${user} IDENTIFIED BY ${password} REQUIRE SSL;`,
    `GRANT SELECT, INSERT, UPDATE (password_hash) ON ${handout.schema}.users TO ${user};`,
    '',
  ].join('\n')
}

/** Run as the app's user: fails unless the table is there with the columns and rights that the app uses. */
export const inspectSchemaSql = [
  'SELECT id, name, password_hash FROM users LIMIT 0;',
  // Nothing is written: what is asked is whether it may be.
  'INSERT INTO users (name, password_hash) SELECT name, password_hash FROM users LIMIT 0;',
  'UPDATE users SET password_hash = password_hash WHERE FALSE;',
  '',
].join('\n')
