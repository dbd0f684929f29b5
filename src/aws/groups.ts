import type { IpPermission, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { TAG_ROLE } from '../lab/names.ts'
import type { Group, GroupRole, GroupRule, GroupSeen, GroupSpec } from '../lab/ports/groups.ts'
import { untilSeen } from '../lab/wait.ts'
import type { FirewallRule, Peer } from '../net/firewall.ts'
import type { Clients } from './clients.ts'
import { means, onceKnown } from './error-meanings.ts'
import { groupsBy, rulesOf } from './lists.ts'
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from './sdk.ts'
import { isOfLab, type LabTags, ofLab, tagsFor, tagValue } from './tags.ts'

const ROLES = ['web', 'link', 'database'] as const satisfies GroupRole[]

export async function findGroups(clients: Clients, lab: LabTags, vpcId: string): Promise<Group[]> {
  const ours = (await groupsBy(clients, [ofLab(lab.id)])).filter(
    (group) => group.VpcId === vpcId && roleOf(group) !== undefined,
  )
  const ids = ours.map((group) => group.GroupId ?? '')
  const rules = ids.length === 0 ? [] : await rulesOf(clients, ids)
  return ours.map((group) => toGroup(group, rules, roleOf(group))).filter(isOwn)
}

/** By a filter, since ids asked for by name are an error when one of them is gone. */
export async function examineGroups(
  clients: Clients,
  lab: LabTags,
  ids: readonly string[],
): Promise<GroupSeen[]> {
  if (ids.length === 0) return []
  const [groups, rules] = await Promise.all([
    groupsBy(clients, [{ Name: 'group-id', Values: [...ids] }]),
    rulesOf(clients, ids),
  ])
  const isOurs = ({ Tags }: SecurityGroup) => isOfLab(Tags, lab.id)
  return groups.map((group) => toGroup(group, rules, isOurs(group) ? roleOf(group) : undefined))
}

function roleOf({ Tags }: SecurityGroup): GroupRole | undefined {
  const role = tagValue(Tags, TAG_ROLE)
  return ROLES.find((each) => each === role)
}

function toGroup(
  { GroupId: id = '', GroupName: name = '' }: SecurityGroup,
  rules: readonly SecurityGroupRule[],
  role: GroupRole | undefined,
): GroupSeen {
  return {
    id,
    name,
    ...(role === undefined ? {} : { role }),
    rules: rules.filter((rule) => rule.GroupId === id).map(toRule),
  }
}

function isOwn(group: GroupSeen): group is Group {
  return group.role !== undefined
}

/** Undefined where a group that is not the lab's has the name. */
export async function createGroup(
  clients: Clients,
  lab: LabTags,
  spec: GroupSpec,
): Promise<string | undefined> {
  try {
    const { GroupId } = await clients.ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: spec.name,
        Description: spec.description,
        VpcId: spec.vpcId,
        TagSpecifications: [
          {
            ResourceType: 'security-group',
            Tags: tagsFor(lab, { Name: spec.name, [TAG_ROLE]: spec.role }),
          },
        ],
      }),
    )
    return GroupId
  } catch (error) {
    if (!means(error, 'taken')) throw error
    // Ours, where AWS made it and its answer was lost: then it was asked for again.
    const there = await groupNamed(clients, spec)
    return isOfLab(there?.Tags, lab.id) ? there?.GroupId : undefined
  }
}

/** One whose name is taken is there, though not every look may show it yet. */
async function groupNamed(clients: Clients, { name, vpcId }: GroupSpec): Promise<SecurityGroup | undefined> {
  const Filters = [
    { Name: 'group-name', Values: [name] },
    { Name: 'vpc-id', Values: [vpcId] },
  ]
  return untilSeen(async () => (await groupsBy(clients, Filters))[0], SEEN_MS, clients.clock)
}

const SEEN_MS = 20_000

/** A rule that exists already is as good as one made now. */
export async function addRule(
  clients: Clients,
  groupId: string,
  rule: FirewallRule,
  description: string,
): Promise<void> {
  const { ec2 } = clients
  const input = { GroupId: groupId, IpPermissions: [toPermission(rule, description)] }
  const command = () =>
    rule.direction === 'ingress'
      ? ec2.send(new AuthorizeSecurityGroupIngressCommand(input))
      : ec2.send(new AuthorizeSecurityGroupEgressCommand(input))
  try {
    await onceKnown<unknown>(command, clients)
  } catch (error) {
    if (!means(error, 'taken')) throw error
  }
}

/**
 * By the rules' ids: a revocation by values that match nothing reports success all the same. Whether it was more
 * than a word is looked at.
 */
export async function removeRules(
  clients: Clients,
  groupId: string,
  rules: readonly GroupRule[],
): Promise<void> {
  let left = rules
  const isDone = await untilSeen(
    async () => {
      for (const direction of ['ingress', 'egress'] as const) {
        await revokeRules(
          clients,
          groupId,
          direction,
          left.filter((rule) => rule.direction === direction).map((rule) => rule.id),
        )
      }
      if (left.length > 0) left = await rulesStillThere(clients, groupId, left)
      return left.length === 0 ? true : undefined
    },
    SEEN_MS,
    clients.clock,
  )
  if (!isDone) throw notTakenBack(groupId, left)
}

/** AWS refuses all of them if one is gone: somebody else, or a request of ours with a lost answer, took it away. */
export async function revokeRules(
  { ec2 }: Clients,
  groupId: string,
  direction: 'ingress' | 'egress',
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const input = { GroupId: groupId, SecurityGroupRuleIds: [...ids] }
  try {
    if (direction === 'ingress') await ec2.send(new RevokeSecurityGroupIngressCommand(input))
    else await ec2.send(new RevokeSecurityGroupEgressCommand(input))
  } catch (error) {
    if (!means(error, 'gone')) throw error
  }
}

async function rulesStillThere(
  clients: Clients,
  groupId: string,
  rules: readonly GroupRule[],
): Promise<readonly GroupRule[]> {
  const present = (await rulesOf(clients, [groupId])).map((rule) => rule.SecurityGroupRuleId)
  return rules.filter(({ id }) => present.includes(id))
}

function notTakenBack(groupId: string, rules: readonly GroupRule[]): LabError {
  return new LabError({
    what: `AWS says that rules of ${groupId} are taken back, and goes on showing them: ${rules.map(({ id }) => id).join(', ')}.`,
    why: 'While they are there, the group opens more than the lab needs.',
    remedy: {
      say: 'Try again in a minute; or delete them in the EC2 console (Security Groups), then go on.',
      run: [flasklab('up')],
    },
  })
}

function toRule(rule: SecurityGroupRule): GroupRule {
  return {
    id: rule.SecurityGroupRuleId ?? '',
    direction: rule.IsEgress ? 'egress' : 'ingress',
    protocol: rule.IpProtocol ?? '-1',
    fromPort: rule.FromPort ?? -1,
    toPort: rule.ToPort ?? -1,
    peer: toPeer(rule),
    description: rule.Description ?? '',
  }
}

function toPeer(rule: SecurityGroupRule): Peer {
  if (rule.ReferencedGroupInfo?.GroupId) return { kind: 'group', groupId: rule.ReferencedGroupInfo.GroupId }
  if (rule.PrefixListId) return { kind: 'prefix-list', prefixListId: rule.PrefixListId }
  return { kind: 'cidr', cidr: rule.CidrIpv4 ?? rule.CidrIpv6 ?? '' }
}

function toPermission(rule: FirewallRule, description: string): IpPermission {
  const Description = description === '' ? {} : { Description: description }
  const { peer } = rule
  return {
    IpProtocol: rule.protocol,
    ...(rule.protocol === '-1' ? {} : { FromPort: rule.fromPort, ToPort: rule.toPort }),
    ...(peer.kind === 'cidr' ? { IpRanges: [{ CidrIp: peer.cidr, ...Description }] } : {}),
    ...(peer.kind === 'group' ? { UserIdGroupPairs: [{ GroupId: peer.groupId, ...Description }] } : {}),
    ...(peer.kind === 'prefix-list'
      ? { PrefixListIds: [{ PrefixListId: peer.prefixListId, ...Description }] }
      : {}),
  }
}
