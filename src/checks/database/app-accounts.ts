import { runSql } from '../../host/commands.ts'
import { appUserSql } from '../../host/schema-sql.ts'
import type { Mend } from '../../lab/check.ts'
import { expectServer, toDatabase } from '../../lab/facts.ts'
import { handout } from '../../lab/lab.ts'
import { passwords } from '../../phases/4-create-database.ts'
import { type ConnectKit, connectTo } from '../../phases/host-key.ts'
import { run } from '../../phases/run.ts'
import type { Evidence } from '../evidence.ts'

type Looks = Pick<Evidence, 'server' | 'database'>

const CONNECT_MS = 10_000

/** Nobody's account is dropped: it gets what phase 6's has. */
export function equip(evidence: Looks, host: string): Mend {
  return {
    title: `give ${handout.appUser}@${host} the lab’s password and the app’s rights`,
    apply: (kit) =>
      runAsMaster(evidence, kit, appUserSql(passwords(kit).app, host), 'equip the app’s account'),
  }
}

/** Uses the client on the server: the doctor has closed its own connection to the database by now. */
export async function runAsMaster(
  evidence: Looks,
  kit: ConnectKit,
  sql: string,
  purpose: string,
): Promise<void> {
  const seen = await evidence.database()
  const database = seen && toDatabase(seen)
  if (database === undefined) return
  const { master, app } = passwords(kit)
  const host = await connectTo(expectServer(await evidence.server()), kit, CONNECT_MS)
  await run(host, runSql(database.endpoint, handout.masterUser), purpose, {
    kit,
    stdin: `${master.reveal()}\n${sql}`,
    secrets: [master, app],
  })
}
