import { sqlQuote } from '../formats/sql-quote.ts'
import { handout } from '../lab/lab.ts'
import type { Secret } from '../lab/secret.ts'

/** Everything of phase 6, so that it can be run again at any time. */
export function schemaSql(schema: string, appPassword: Secret): string {
  return [
    `CREATE DATABASE IF NOT EXISTS ${handout.schema} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;`,
    `USE ${handout.schema};`,
    schema,
    appUserSql(appPassword),
  ].join('\n')
}

/**
 * The app's account, for connections from anywhere or from one host. `CREATE USER IF NOT EXISTS` alone would leave
 * an old password in place and a lock, hence the `ALTER USER` behind it.
 */
export function appUserSql(appPassword: Secret, host = '%'): string {
  const user = `${sqlQuote(handout.appUser)}@${sqlQuote(host)}`
  const password = sqlQuote(appPassword.reveal())
  return [
    `CREATE USER IF NOT EXISTS ${user} IDENTIFIED BY ${password} REQUIRE SSL;`,
    `ALTER USER ${user} IDENTIFIED BY ${password} REQUIRE SSL ACCOUNT UNLOCK;`,
    `GRANT SELECT, INSERT, UPDATE (password_hash) ON ${handout.schema}.users TO ${user};`,
    '',
  ].join('\n')
}

const USERS = `${handout.schema}.users`

/** The app's statements on its table; a user who may run them all has the rights that the app needs. */
export const APP_STATEMENTS: readonly string[] = [
  `SELECT id, name, password_hash FROM ${USERS} WHERE name = ?`,
  `INSERT INTO ${USERS} (name, password_hash) VALUES (?, ?)`,
  `UPDATE ${USERS} SET password_hash = ? WHERE id = ?`,
]

/** Run as the app's user: fails unless the table is there with the columns and rights that the app uses. */
export const inspectSchemaSql = [
  'SELECT id, name, password_hash FROM users LIMIT 0;',
  // Nothing is written: what is asked is whether it may be.
  'INSERT INTO users (name, password_hash) SELECT name, password_hash FROM users LIMIT 0;',
  'UPDATE users SET password_hash = password_hash WHERE FALSE;',
  '',
].join('\n')
