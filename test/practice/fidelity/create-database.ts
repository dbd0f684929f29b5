import type { CreateDBInstanceCommand, CreateDBInstanceCommandInput } from '@aws-sdk/client-rds'
import { createDatabase } from '../lab.ts'

/** The lab's database as older command lines can ask for it: Debian's does not know EngineLifecycleSupport. */
export function create(wish: Partial<CreateDBInstanceCommandInput> = {}): CreateDBInstanceCommand {
  return createDatabase({ EngineLifecycleSupport: undefined, ...wish })
}
