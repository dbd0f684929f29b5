import type { Endpoint } from '../lab.ts'
import type { Secret } from '../secret.ts'

export interface Databases {
  findDatabase(): Promise<DatabaseSeen | undefined>
  createDatabase(spec: DatabaseSpec): Promise<void>
  startDatabase(id: string): Promise<void>
  setDatabaseGroups(id: string, groupIds: readonly string[]): Promise<void>
  setMasterPassword(id: string, password: Secret): Promise<void>
  /** Takes away, or gives, the address by which the internet reaches the database. */
  setPublicAccess(id: string, isPublic: boolean): Promise<void>
  /** The latest events of the database as AWS noted them, newest last. */
  databaseEvents(id: string): Promise<readonly string[]>
}

export interface DatabaseSeen {
  readonly id: string
  readonly status: string
  readonly endpoint: Endpoint | undefined
  readonly vpcId: string
  readonly groupIds: readonly string[]
  readonly subnetIds: readonly string[]
  readonly zone: string
  readonly isPublic: boolean
  readonly engineVersion: string
  /** Whether AWS bills for a version that is past its support. */
  readonly extendedSupport: boolean
  /** The name of the authority that has signed its certificate. */
  readonly authority: string | undefined
  /** When its certificate ends, in ms since 1970. */
  readonly certificateEnds: number | undefined
}

export interface DatabaseSpec {
  readonly subnetIds: readonly string[]
  readonly groupIds: readonly string[]
  readonly masterPassword: Secret
}
