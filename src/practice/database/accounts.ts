import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { openSocketName } from '../network/socket-names.ts'
import type { Places } from '../paths.ts'
import type { Database } from '../state.ts'

const ADMIN = 'rdsadmin'

/** The privileges of RDS's master user, in the subset that MySQL 8.4 and MariaDB share. */
const MASTER_PRIVILEGES =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, ' +
  'CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, ' +
  'CREATE USER, EVENT, TRIGGER'

/** Does something as RDS's own superuser of a database. */
export async function asAdmin(
  database: Database,
  places: Places,
  work: (connection: Connection) => Promise<void>,
): Promise<void> {
  const file = adminFile(database, places)
  const connection = await createConnection({
    socketPath: socketOf(database, places),
    // Until its master is made, the engine has nobody but the root that it was installed with.
    ...(existsSync(file) ? { user: ADMIN, password: readFileSync(file, 'utf8') } : { user: 'root' }),
    connectTimeout: 5_000,
  })
  try {
    await work(connection)
  } finally {
    connection.destroy()
  }
}

export function noteAdminPassword(database: Database, places: Places, password: string): void {
  writeFileSync(adminFile(database, places), password, { mode: 0o600 })
}

export function socketOf(database: Database, places: Places): string {
  return join(places.sockets(database.resourceId), openSocketName(database.port))
}

function adminFile(database: Database, places: Places): string {
  return join(places.database(database.resourceId), 'admin-password')
}

export async function createMaster(connection: Connection, user: string, password: string): Promise<void> {
  await connection.query("CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ?", [user, password])
  await connection.query("ALTER USER ?@'%' IDENTIFIED BY ?", [user, password])
  await connection.query(`GRANT ${MASTER_PRIVILEGES} ON *.* TO ?@'%' WITH GRANT OPTION`, [user])
}

/**
 * RDS has a superuser of its own, too. It needs a password: whoever comes through the gateway is `localhost` for
 * the engine's accounts, since that is where its socket is, whatever the PROXY line says.
 */
export async function replaceRoot(connection: Connection, password: string): Promise<void> {
  const isRoot = "User = 'root' AND Host = 'localhost'"
  const [others] = await connection.query<RowDataPacket[]>(
    `SELECT User, Host FROM mysql.user WHERE User IN ('', 'root') AND Host <> '%' AND NOT (${isRoot})`,
  )
  for (const { User, Host } of others) await connection.query('DROP USER ?@?', [User, Host])
  await connection.query("ALTER USER 'root'@'localhost' IDENTIFIED BY ?", [password])
  await connection.query("RENAME USER 'root'@'localhost' TO ?@'localhost'", [ADMIN])
}
