import type { Mend } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import type { Finding } from '../lab/finding.ts'
import { inRegion } from '../lab/in-region.ts'
import type { GroupRole, GroupRule, GroupSeen } from '../lab/ports.ts'
import { ensureFirewall, ruleText } from '../phases/security-groups.ts'
import type { Evidence } from './evidence.ts'

/** Where the server does not carry the lab's group for `role`: what it lacks, and how it gets all of it back. */
export async function serverLacksGroups(
  evidence: Evidence,
  role: 'web' | 'link',
): Promise<Finding | undefined> {
  if (evidence.kit.isHandmade) return undefined
  const [{ id, groupIds }, own] = [await expectFound(evidence.server()), await evidence.ownGroups()]
  const present = (await evidence.groups()).server
  const isLost = (each: GroupRole) => !groupIds.includes(own[each]?.id ?? '')
  if (!isLost(role)) return undefined
  const lost = (['web', 'link'] as const).filter(isLost)
  const known = lost.flatMap((each) => own[each] ?? [])
  const isAllThere = known.length === lost.length
  const which = isAllThere ? groupsText(known) : `for ${lost.map((each) => PURPOSES[each]).join(' and ')}`
  return {
    what: `The server ${id} no longer carries the lab’s security group${lost.length > 1 ? 's' : ''} ${which}, but ${groupsText(present)}.`,
    why: 'A server has the rules of the groups that it carries: those of the lab let you in on 22 and 5000, and MySQL out to the database.',
    remedy: isAllThere ? giveBack(evidence, id, wholeList(known, present)) : MAKE_GROUPS,
  }
}

const PURPOSES = { web: 'SSH and the site', link: 'the way to the database' } as const

const MAKE_GROUPS: Finding['remedy'] = {
  say: 'The VPC no longer has all of them: make what is missing again, and have it put where it belongs.',
  run: ['flasklab up'],
}

function giveBack({ kit }: Evidence, id: string, groupIds: readonly string[]): Finding['remedy'] {
  return {
    say: `Give it back what it lacks; no rule needs to change (in the console: EC2, Instances, ${id}, Actions, Security, Change security groups).`,
    run: [
      `aws ec2 modify-instance-attribute --instance-id ${id} --groups ${groupIds.join(' ')}${inRegion(kit)}`,
    ],
  }
}

/** The default group is what a server without any other has to carry: with them it is nobody's wish. */
function wholeList(missing: readonly { readonly id: string }[], present: readonly GroupSeen[]): string[] {
  return [...missing, ...present.filter(({ name }) => name !== 'default')].map(({ id }) => id)
}

/** Where the database does not have the lab's group for it. */
export async function databaseLacksGroup(evidence: Evidence): Promise<Finding | undefined> {
  const { kit } = evidence
  if (kit.isHandmade) return undefined
  const [{ id, groupIds }, own] = [
    await expectFound(evidence.database()),
    (await evidence.ownGroups()).database,
  ]
  if (own !== undefined && groupIds.includes(own.id)) return undefined
  const present = groupsText((await evidence.groups()).database)
  return {
    what: `The database ${id} no longer has the lab’s security group${own === undefined ? '' : ` ${own.id}`}, but ${present}.`,
    why: 'A database has the rules of its groups: only that one lets the server in, and only to that one do the server’s rules let MySQL out.',
    remedy:
      own === undefined
        ? MAKE_GROUPS
        : {
            say: `Give the database its group ${own.id} again, whose rules let the server in (in the console: RDS, ${id}, Modify, Connectivity).`,
            run: [
              `aws rds modify-db-instance --db-instance-identifier ${id} --vpc-security-group-ids ${own.id} --apply-immediately${inRegion(kit)}`,
            ],
          },
  }
}

/**
 * Of groups that were made by hand, the one to add a rule to: never the VPC's default group, which all that nobody
 * gave a group shares. The group that RDS makes for the way to its database is for that alone.
 */
export function groupToOpen(groups: readonly GroupSeen[], isForDatabase = false): GroupSeen | undefined {
  const own = groups.filter(({ name }) => name !== 'default')
  return own.find(({ name }) => /^ec2-rds/.test(name) === isForDatabase) ?? own[0]
}

/** What `--fix` does about rules and groups. */
export function ensureRules(evidence: Evidence): Mend | undefined {
  // Groups that were made by hand are nobody's but the student's: the remedy says what to type.
  if (evidence.kit.isHandmade) return undefined
  return {
    title: 'put the lab’s rules and groups in place',
    async apply() {
      const network = await evidence.kit.cloud.findNetwork()
      const groups = await ensureFirewall(network, evidence.kit)
      const [server, database] = [await evidence.server(), await evidence.database()]
      const isMissing = ({ id }: { readonly id: string }) => !server?.groupIds.includes(id)
      const missing = [{ id: groups.web }, { id: groups.link }].filter(isMissing)
      if (server && missing.length > 0) {
        const present = (await evidence.groups()).server
        await evidence.kit.cloud.setServerGroups(server.id, wholeList(missing, present))
      }
      if (database && !database.groupIds.includes(groups.database)) {
        await evidence.kit.cloud.setDatabaseGroups(database.id, [...database.groupIds, groups.database])
      }
    },
  }
}

export function rulesOf(groups: readonly GroupSeen[]): GroupRule[] {
  return groups.flatMap((group) => group.rules)
}

export function groupsText(groups: readonly GroupSeen[]): string {
  return groups.length === 0 ? '(none)' : groups.map(({ id, name }) => `${id} (${name})`).join(', ')
}

export function ruleTexts(groups: readonly GroupSeen[], direction: 'ingress' | 'egress'): string {
  const rules = rulesOf(groups).filter((rule) => rule.direction === direction)
  if (rules.length === 0) return `no ${direction === 'ingress' ? 'inbound' : 'outbound'} rule`
  return rules.map(ruleText).join(', ')
}
