import type { Check } from '../lab/check.ts'
import { appChecks } from './app.ts'
import { databaseChecks } from './database.ts'
import { databaseRuleChecks } from './database-rules.ts'
import { dbLogin } from './db-login.ts'
import { dbSchema } from './db-schema.ts'
import { dbDns, dbPort } from './db-way.ts'
import type { Evidence } from './evidence.ts'
import { instanceChecks } from './instance.ts'
import { laptopChecks } from './laptop.ts'
import { ruleChecks } from './rules.ts'
import { serverChecks } from './server.ts'
import { siteChecks } from './site.ts'
import { hostKey, sshLogin } from './ssh.ts'
import { vpcChecks } from './vpc.ts'

/** The doctor's questions, from the student's laptop to the site. Each needs only earlier ones. */
export const checksInOrder: readonly Check<Evidence>[] = [
  ...laptopChecks,
  ...databaseChecks,
  ...instanceChecks,
  ...vpcChecks,
  ...ruleChecks,
  ...databaseRuleChecks,
  hostKey,
  sshLogin,
  ...serverChecks,
  dbDns,
  dbPort,
  dbLogin,
  dbSchema,
  ...appChecks,
  ...siteChecks,
]
