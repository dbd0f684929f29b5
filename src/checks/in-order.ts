import type { Check } from '../lab/check.ts'
import { appEnv } from './app/app-env.ts'
import { appFiles } from './app/app-files.ts'
import { appHealth } from './app/app-health.ts'
import { appListen } from './app/app-listen.ts'
import { appService } from './app/app-service.ts'
import { loginWorks } from './app/login-works.ts'
import { siteReachable } from './app/site-reachable.ts'
import { dbAvailable } from './database/db-available.ts'
import { dbDns } from './database/db-dns.ts'
import { dbExists } from './database/db-exists.ts'
import { dbLogin } from './database/db-login.ts'
import { dbPort } from './database/db-port.ts'
import { dbPrivate } from './database/db-private.ts'
import { dbSchema } from './database/db-schema.ts'
import { dbSupport } from './database/db-support.ts'
import type { Evidence } from './evidence.ts'
import { accountPlan } from './laptop/account-plan.ts'
import { clock } from './laptop/clock.ts'
import { credentials } from './laptop/credentials.ts'
import { keyFile } from './laptop/key-file.ts'
import { nodeVersion } from './laptop/node-version.ts'
import { quota } from './laptop/quota.ts'
import { region } from './laptop/region.ts'
import { dbEgress } from './network/db-egress.ts'
import { dbIngress } from './network/db-ingress.ts'
import { internetRoute } from './network/internet-route.ts'
import { networkAcl } from './network/network-acl.ts'
import { sameVpc } from './network/same-vpc.ts'
import { sshIngress } from './network/ssh-ingress.ts'
import { webIngress } from './network/web-ingress.ts'
import { diskSpace } from './server/disk-space.ts'
import { hostKey } from './server/host-key.ts'
import { mysqlClient } from './server/mysql-client.ts'
import { nodeRuntime } from './server/node-runtime.ts'
import { serverAddress } from './server/server-address.ts'
import { serverExists } from './server/server-exists.ts'
import { serverRunning } from './server/server-running.ts'
import { sshLogin } from './server/ssh-login.ts'

/** The doctor's questions, from the student's laptop to the site. Each needs only earlier ones. */
export const checksInOrder: readonly Check<Evidence>[] = [
  ...[nodeVersion, credentials, region, clock, keyFile, accountPlan, quota],
  ...[dbExists, dbAvailable, dbPrivate, dbSupport],
  ...[serverExists, serverRunning, serverAddress],
  ...[internetRoute, networkAcl, sshIngress, webIngress, sameVpc, dbIngress, dbEgress],
  ...[hostKey, sshLogin, diskSpace, nodeRuntime, mysqlClient],
  ...[dbDns, dbPort, dbLogin, dbSchema],
  ...[appFiles, appEnv, appService, appListen, appHealth, siteReachable, loginWorks],
]
