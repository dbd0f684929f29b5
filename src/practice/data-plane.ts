import type { Database, Instance } from './state.ts'

/**
 * The ports behind the API. The resource files of ec2/ and rds/ decide states and answers; these ports make an
 * instance answer SSH and a database answer SQL.
 */
export interface Machines {
  /** Brings an instance up: its disk is made at the first boot, then SSH answers and enabled services run. */
  boot(instance: Instance, publicKey: string | undefined): Promise<void>
  /** Ends every process of the instance; its disk stays. */
  halt(instanceId: string): Promise<void>
  /** Ends every process and removes the disk. */
  destroy(instanceId: string): Promise<void>
  /** All output of the serial console since the instance was made; empty before the first boot is complete. */
  consoleOutput(instanceId: string): string
}

export interface Engines {
  /** Makes the data folder and the master user, and starts the engine. The password is not kept. */
  create(database: Database, masterPassword: string): Promise<void>
  start(database: Database): Promise<void>
  stop(databaseId: string): Promise<void>
  setMasterPassword(database: Database, password: string): Promise<void>
  /** Stops the engine and removes its data. */
  destroy(databaseId: string): Promise<void>
}
