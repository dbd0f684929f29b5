import { runSql } from '../../host/commands.ts'
import { appUserSql } from '../../host/schema-sql.ts'
import type { Mend } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { handout } from '../../lab/lab.ts'
import { passwords } from '../../phases/4-create-database.ts'
import { run } from '../../phases/run.ts'
import type { Evidence } from '../evidence.ts'

/** The hosts of the accounts called flaskapp; phase 6 makes the one for '%', which is any host. */
export interface AppAccounts {
  readonly exists: boolean
  /** A host narrower than any, which is the server's: MySQL takes that account, and not phase 6's. */
  readonly narrower: string | undefined
}

export async function appAccounts(evidence: Evidence): Promise<AppAccounts> {
  const master = await evidence.sql('master')
  // Master and app come from the same server: what its host is called, the database itself says. LIKE compares
  // as the accounts do, but for networks with a mask.
  const rows = await master.query(
    "SELECT Host AS host, SUBSTRING_INDEX(USER(), '@', -1) LIKE Host OR Host LIKE '%/%' AS fits FROM mysql.user WHERE User = ?",
    [handout.appUser],
  )
  const hosts = rows.filter((row) => Number(row['fits']) === 1).map((row) => String(row['host']))
  return { exists: rows.length > 0, narrower: hosts.find((host) => host !== '%') }
}

/** Nobody's account is dropped: it gets what phase 6's has. */
export function equip(evidence: Evidence, host: string): Mend {
  return {
    title: `give ${handout.appUser}@${host} the lab’s password and the app’s rights`,
    apply: () =>
      runAsMaster(evidence, appUserSql(passwords(evidence.kit).app, host), 'equip the app’s account'),
  }
}

/** By the client on the server: the connection by which the database was looked at is closed by now. */
export async function runAsMaster(evidence: Evidence, sql: string, purpose: string): Promise<void> {
  const { endpoint } = await expectFound(evidence.database())
  if (endpoint === undefined) return
  const { master, app } = passwords(evidence.kit)
  const stdin = `${master.reveal()}\n${sql}`
  await run(await evidence.host(), runSql(endpoint, handout.masterUser), purpose, {
    kit: evidence.kit,
    stdin,
    secrets: [master, app],
  })
}
