import type { Missing } from '../../lab/ports/account.ts'
import type { Evidence } from '../evidence.ts'

export async function missingOf({ server, database }: Evidence): Promise<Missing> {
  const isMissing = async (look: () => Promise<unknown>) =>
    (await look().catch(() => undefined)) === undefined
  const [its, theirs] = await Promise.all([isMissing(server), isMissing(database)])
  return { server: its, database: theirs }
}

export function isMade({ server, database }: Missing): boolean {
  return !server && !database
}
