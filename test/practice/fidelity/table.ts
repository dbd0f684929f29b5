import type { Behaviour } from './behaviour.ts'
import { credentialBehaviours } from './credentials.ts'
import { databaseListBehaviours } from './database-lists.ts'
import { databaseBehaviours } from './databases.ts'
import { instanceBehaviours } from './instances.ts'
import { keyPairBehaviours } from './key-pairs.ts'
import { launchBehaviours } from './launches.ts'
import { networkBehaviours } from './network.ts'
import { securityGroupBehaviours } from './security-groups.ts'

/** In parts of a size, each of which one file asks by the command line. */
export const table = {
  network: [...credentialBehaviours, ...keyPairBehaviours, ...networkBehaviours, ...securityGroupBehaviours],
  servers: [...launchBehaviours, ...instanceBehaviours],
  databases: [...databaseBehaviours, ...databaseListBehaviours],
} satisfies Record<string, readonly Behaviour[]>

export const behaviours: readonly Behaviour[] = Object.values(table).flat()
