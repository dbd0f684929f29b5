import { ModifyDBInstanceCommand, type ModifyDBInstanceCommandInput } from '@aws-sdk/client-rds'
import type { DrillContext } from './drill-context.ts'

export async function databaseId(context: DrillContext): Promise<string> {
  return (await context.database())?.DBInstanceIdentifier ?? ''
}

/** Changes the lab's database at once, not in its maintenance window. */
export async function modify(
  context: DrillContext,
  change: Partial<ModifyDBInstanceCommandInput>,
): Promise<void> {
  const DBInstanceIdentifier = await databaseId(context)
  await context.rds.send(
    new ModifyDBInstanceCommand({ DBInstanceIdentifier, ApplyImmediately: true, ...change }),
  )
}
