import type { Mend } from '../../lab/check.ts'
import type { GroupSeen } from '../../lab/ports/groups.ts'
import { ensureFirewall } from '../../phases/security-groups.ts'
import type { Looks } from '../evidence.ts'

/** The default group is what a server without any other has to carry: with them it is nobody's wish. */
export function wholeList(
  missing: readonly { readonly id: string }[],
  present: readonly GroupSeen[],
): string[] {
  return [...missing, ...present.filter(({ name }) => name !== 'default')].map(({ id }) => id)
}

/** The mend by which `--fix` puts rules and groups in place. */
export function ensureRules(evidence: Looks<'server' | 'database' | 'groups'>): Mend | undefined {
  // Groups that were made by hand are nobody's but the student's: the remedy says what to type.
  if (evidence.lab.isHandmade) return undefined
  return {
    title: 'put the lab’s rules and groups in place',
    async apply(kit) {
      const groups = await ensureFirewall(await kit.cloud.findNetwork(), kit)
      const [server, database] = [await evidence.server(), await evidence.database()]
      const isMissing = ({ id }: { readonly id: string }) => !server?.groupIds.includes(id)
      const missing = [{ id: groups.web }, { id: groups.link }].filter(isMissing)
      if (server && missing.length > 0) {
        const present = (await evidence.groups()).server
        await kit.cloud.setServerGroups(server.id, wholeList(missing, present))
      }
      if (database && !database.groupIds.includes(groups.database)) {
        await kit.cloud.setDatabaseGroups(database.id, [...database.groupIds, groups.database])
      }
    },
  }
}
