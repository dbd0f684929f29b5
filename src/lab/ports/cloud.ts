import type { Credentials, Quotas, Regions } from './account.ts'
import type { Databases } from './databases.ts'
import type { SecurityGroups } from './groups.ts'
import type { Labs } from './labs.ts'
import type { Look } from './look.ts'
import type { Networks } from './network.ts'
import type { Deletion, Resources } from './resources.ts'
import type { KeyPairs, Servers } from './servers.ts'

/** A part of the kit, for whoever asks the cloud in these roles only. */
export interface WithCloud<Roles> {
  readonly cloud: Roles
}

/** AWS, as wide as the lab talks to it. Everything found is this lab's own, by its tag. */
export interface Cloud
  extends Credentials,
    Regions,
    Quotas,
    Networks,
    SecurityGroups,
    KeyPairs,
    Servers,
    Databases,
    Resources,
    Deletion,
    Labs {
  /** A new look at the lab, as it is now. */
  look(): Look
}
