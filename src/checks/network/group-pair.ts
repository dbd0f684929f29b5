import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { GroupSeen } from '../../lab/ports/groups.ts'
import type { Looks } from '../evidence.ts'

/** The database's group, and the server's group that its rules are to name; both are attached. */
export async function groupPair(
  evidence: Looks<'groups' | 'ownGroups'>,
): Promise<{ readonly group?: string; readonly source?: string }> {
  const [own, attached] = [await evidence.ownGroups(), await evidence.groups()]
  const group = (own.database ?? groupToOpen(attached.database))?.id
  const source = (own.link ?? groupToOpen(attached.server, true))?.id
  return { ...(group === undefined ? {} : { group }), ...(source === undefined ? {} : { source }) }
}

/** The default group is no group of theirs: a rule in it would hold for all that nobody gave a group. */
export async function makePair(evidence: Looks<'server' | 'database'>): Promise<Finding['remedy']> {
  const [server, database] = [await expectFound(evidence.server()), await expectFound(evidence.database())]
  return {
    say: `Leave the default group of the VPC as it is, and let RDS make a pair of groups for the two (in the console: RDS, ${database.id}, Actions, Set up EC2 connection, ${server.id}).`,
  }
}

/**
 * The group to add a rule to, among groups that were made by hand: never the VPC's default group, which all that
 * nobody gave a group shares. The group that RDS makes for the way to its database is for that alone.
 */
export function groupToOpen(groups: readonly GroupSeen[], isForDatabase = false): GroupSeen | undefined {
  const own = groups.filter(({ name }) => name !== 'default')
  return own.find(({ name }) => /^ec2-rds/.test(name) === isForDatabase) ?? own[0]
}
