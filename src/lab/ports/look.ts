import type { Credentials } from './account.ts'
import type { Databases } from './databases.ts'
import type { SecurityGroups } from './groups.ts'
import type { Networks } from './network.ts'
import type { Deletion, Resources } from './resources.ts'
import type { Servers } from './servers.ts'

/** A look at the lab: what several of its questions need is asked of the cloud once. */
export interface Look
  extends Pick<Credentials, 'whoAmI'>,
    Pick<Networks, 'findNetwork' | 'examineNetwork'>,
    Pick<SecurityGroups, 'findGroups' | 'examineGroups'>,
    Pick<Servers, 'findServer'>,
    Pick<Databases, 'findDatabase'>,
    Resources,
    Pick<Deletion, 'stillExisting'> {}
