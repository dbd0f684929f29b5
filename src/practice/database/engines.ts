import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { CloudGround } from '../cloud.ts'
import type { Engines } from '../data-plane.ts'
import type { Gateway } from '../network/gateway.ts'
import type { Places } from '../paths.ts'
import type { Database } from '../state.ts'
import { asAdmin, createMaster, noteAdminPassword, replaceRoot } from './accounts.ts'
import { type Authority, writeServerCertificate } from './certificates.ts'
import { installEngine } from './engine-programs.ts'
import { createEngineRuns } from './engine-runs.ts'

/**
 * Practice databases: a MariaDB server each, on a Unix socket behind the gateway, which announces by a PROXY line
 * who comes through it.
 */
export function createEngines(
  { log }: Pick<CloudGround, 'log'>,
  places: Places,
  gateway: Gateway,
  authority: Authority,
  failed: (database: Database, reason: string) => void,
): Engines {
  const { launch, stop } = createEngineRuns({ places, log, failed })
  return {
    async create(database, masterPassword) {
      const folder = places.database(database.resourceId)
      mkdirSync(join(folder, 'tmp'), { recursive: true, mode: 0o700 })
      await installEngine(folder, places)
      await writeServerCertificate(authority, folder)
      await launch(database)
      const adminPassword = randomBytes(24).toString('base64url')
      await asAdmin(database, places, async (connection) => {
        await createMaster(connection, database.masterUser, masterPassword)
        if (database.databaseName) {
          await connection.query('CREATE DATABASE IF NOT EXISTS ??', [database.databaseName])
        }
        await replaceRoot(connection, adminPassword)
      })
      noteAdminPassword(database, places, adminPassword)
      await gateway.open(database.resourceId, database.port)
    },
    async start(database) {
      await stop(database.resourceId)
      await gateway.open(database.resourceId, database.port)
      await launch(database)
    },
    stop,
    async setMasterPassword(database, password) {
      await asAdmin(database, places, (connection) => createMaster(connection, database.masterUser, password))
    },
    async destroy(resourceId) {
      await stop(resourceId)
      gateway.close(resourceId)
      rmSync(places.database(resourceId), { recursive: true, force: true, maxRetries: 5 })
      rmSync(places.sockets(resourceId), { recursive: true, force: true })
    },
  }
}
