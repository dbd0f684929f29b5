import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { handout, type Network } from '../lab/lab.ts'
import { cleanGroupText, namesOf } from '../lab/names.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Group, GroupRole, SecurityGroups } from '../lab/ports/groups.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { waitFor } from '../lab/wait.ts'
import type { FirewallRule, Peer } from '../net/firewall.ts'

type GroupsKit = Pick<Kit, 'clock' | 'tell'> & WithCloud<SecurityGroups>

/** The lab's three security groups. The link and database groups are the pair that the RDS console would make. */
export type Groups = Readonly<Record<GroupRole, string>>

interface WantedRule extends FirewallRule {
  readonly description: string
}

const LINK_RULE = 'Rule to allow connections to'
export const SSH_FROM_ME = 'SSH from my address (kept by flasklab)'
const SITE = 'The site (kept by flasklab)'

/** Makes the groups and rules that are missing, and takes back those that would open more than the lab needs. */
export async function ensureFirewall(
  network: Network,
  kit: GroupsKit & Pick<Kit, 'myAddress' | 'record'>,
): Promise<Groups> {
  const there = byRole(await lookAtGroups(network, kit.cloud, kit))
  const groups = await ensureGroups(there, network, kit)
  const ids: Groups = { web: groups.web.id, link: groups.link.id, database: groups.database.id }
  const wanted = await wantedRules(ids, kit)
  for (const role of ['web', 'link', 'database'] as const) {
    const added = await ensureRules(groups[role], wanted[role], kit)
    if (there[role] === undefined) continue
    for (const each of added)
      kit.tell({ kind: 'step', text: `${ids[role]} lacked a rule, which is added: ${ruleText(each)}` })
  }
  return ids
}

/** The groups if all are there, and those of `roles` with their rules, my present address included. */
export async function findFirewall(
  network: Network,
  kit: Pick<Kit, 'myAddress' | 'record' | 'snapshot' | 'tell'>,
  roles: readonly GroupRole[],
): Promise<Groups | undefined> {
  const { web, link, database } = byRole(await lookAtGroups(network, kit.snapshot.seen, kit))
  if (!web || !link || !database) return undefined
  const ids: Groups = { web: web.id, link: link.id, database: database.id }
  const wanted = await wantedRules(ids, kit)
  const groups = { web, link, database }
  return roles.every((role) => hasAll(groups[role], wanted[role])) ? ids : undefined
}

async function lookAtGroups(
  network: Network,
  where: Pick<SecurityGroups, 'findGroups'>,
  { tell }: Pick<Kit, 'tell'>,
): Promise<readonly Group[]> {
  const groups = await where.findGroups(network.vpcId)
  for (const { id, name } of groups) tell({ kind: 'exists', what: `security group ${name}`, id })
  return groups
}

async function ensureGroups(
  there: Partial<Record<GroupRole, Group>>,
  network: Network,
  kit: GroupsKit & Pick<Kit, 'record'>,
): Promise<Readonly<Record<GroupRole, Group>>> {
  const { server, database } = namesOf(kit.record.value)
  const web =
    there.web ??
    (await createNamed(
      kit,
      network,
      'web',
      [kit.record.value.names?.webGroup ?? server],
      `${server}: SSH from one address, the site from anywhere`,
    ))
  const link =
    there.link ??
    (await createNamed(
      kit,
      network,
      'link',
      pairNames('ec2-rds'),
      `Security group attached to instances to securely connect to ${database}. Modification could lead to connection loss.`,
    ))
  const databaseGroup =
    there.database ??
    (await createNamed(
      kit,
      network,
      'database',
      pairNames('rds-ec2'),
      `Security group attached to ${database} to allow EC2 instances with specific security groups attached to connect to the database. Modification could lead to connection loss.`,
    ))
  return { web, link, database: databaseGroup }
}

/** `ec2-rds-1`, `ec2-rds-2`, …: the console takes the first number that is free, and so do we. */
function pairNames(prefix: string): string[] {
  return Array.from({ length: 200 }, (_, index) => `${prefix}-${index + 1}`)
}

async function createNamed(
  kit: GroupsKit,
  network: Network,
  role: GroupRole,
  candidates: readonly string[],
  description: string,
): Promise<Group> {
  for (const name of candidates) {
    const spec = { role, name, description: cleanGroupText(description), vpcId: network.vpcId }
    const id = await kit.cloud.createGroup(spec)
    if (id === undefined) continue
    kit.tell({ kind: 'exists', what: `security group ${name}`, id })
    return (await madeGroup(id, network, kit)) ?? { id, name, role, rules: [] }
  }
  throw new LabError({
    what: `No name is free for the security group "${candidates[0]}" in ${network.vpcId}.`,
    why: 'Another group has it, and it does not carry the tag of this lab.',
    remedy: { say: 'Build the lab under another name.', run: [flasklab('up', { lab: 'another-name' })] },
  })
}

/** Once AWS shows it with the rule that it gives to every new group, and that lets everything out. */
function madeGroup(id: string, network: Network, kit: GroupsKit): Promise<Group | undefined> {
  const look = async () => {
    const made = (await kit.cloud.findGroups(network.vpcId)).find((group) => group.id === id)
    return made && made.rules.length > 0 ? made : undefined
  }
  return waitFor({ title: `the security group ${id}`, everyMs: 2_000, forMs: 20_000 }, look, kit)
}

async function wantedRules(
  ids: Groups,
  kit: Pick<Kit, 'myAddress' | 'record'>,
): Promise<Readonly<Record<GroupRole, readonly WantedRule[]>>> {
  const { sshFrom, allowFrom } = kit.record.value
  const { database } = namesOf(kit.record.value)
  const ssh = sshFrom ?? `${await kit.myAddress()}/32`
  return {
    web: [
      { ...rule('ingress', handout.sshPort, cidr(ssh)), description: SSH_FROM_ME },
      { ...rule('ingress', handout.sitePort, cidr(allowFrom)), description: SITE },
      {
        direction: 'egress',
        protocol: '-1',
        fromPort: -1,
        toPort: -1,
        peer: cidr('0.0.0.0/0'),
        description: '',
      },
    ],
    link: [
      {
        ...rule('egress', handout.databasePort, { kind: 'group', groupId: ids.database }),
        description: `${LINK_RULE} ${database} from any instances this security group is attached to`,
      },
    ],
    database: [
      {
        ...rule('ingress', handout.databasePort, { kind: 'group', groupId: ids.link }),
        description: `Rule to allow connections from EC2 instances with ${ids.link} attached`,
      },
    ],
  }
}

function rule(direction: FirewallRule['direction'], port: number, peer: Peer): FirewallRule {
  return { direction, protocol: 'tcp', fromPort: port, toPort: port, peer }
}

function cidr(block: string): Peer {
  return { kind: 'cidr', cidr: block }
}

/** The rules that were missing, and are there now. */
async function ensureRules(
  group: Group,
  wanted: readonly WantedRule[],
  kit: WithCloud<SecurityGroups>,
): Promise<readonly WantedRule[]> {
  const missing = wanted.filter((each) => !group.rules.some((present) => isSame(present, each)))
  for (const each of missing) await kit.cloud.addRule(group.id, each, each.description)
  const surplus = group.rules.filter((present) => isSurplus(group.role, present, wanted))
  if (surplus.length > 0) await kit.cloud.removeRules(group.id, surplus)
  return missing
}

/**
 * Whether it is a rule of ours that is no longer wanted: for my former address, for a former --allow-from, or the
 * allow-all that EC2 gives every new group (the console takes it from the pair, too). Rules that a student added stay.
 */
function isSurplus(role: GroupRole, present: Group['rules'][number], wanted: readonly WantedRule[]): boolean {
  if (wanted.some((each) => isSame(present, each))) return false
  if (role === 'web') return [SSH_FROM_ME, SITE].includes(present.description)
  return present.direction === 'egress' && present.protocol === '-1'
}

function hasAll(group: Group, wanted: readonly WantedRule[]): boolean {
  return wanted.every((each) => group.rules.some((present) => isSame(present, each)))
}

function isSame(one: FirewallRule, other: FirewallRule): boolean {
  if (one.direction !== other.direction || one.protocol !== other.protocol) return false
  if (one.protocol !== '-1' && (one.fromPort !== other.fromPort || one.toPort !== other.toPort)) return false
  return peerText(one.peer) === peerText(other.peer)
}

/** As the console shows it. */
export function ruleText({ direction, protocol, fromPort, peer }: FirewallRule): string {
  const what = protocol === '-1' ? 'everything' : `${protocol} ${fromPort}`
  return `${what} ${direction === 'ingress' ? 'in from' : 'out to'} ${peerText(peer)}`
}

function peerText(peer: Peer): string {
  if (peer.kind === 'cidr') return peer.cidr
  return peer.kind === 'group' ? peer.groupId : peer.prefixListId
}

function byRole(groups: readonly Group[]): Partial<Record<GroupRole, Group>> {
  return Object.fromEntries(groups.map((group) => [group.role, group]))
}
