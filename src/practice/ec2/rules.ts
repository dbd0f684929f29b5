import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2'
import type { Direction, FirewallRule, Peer } from '../../net/firewall.ts'
import type { GroupRule, SecurityGroup } from '../state.ts'
import { tagListOf } from './tag-lists.ts'

/** Rules as AWS answers them in a group: gathered by protocol and ports. */
export function permissionsOf(group: SecurityGroup, direction: Direction, account: string): IpPermission[] {
  const rules = group.rules.filter((rule) => rule.direction === direction)
  const alike = new Map<string, GroupRule[]>()
  for (const rule of rules) {
    const key = `${rule.protocol} ${rule.fromPort} ${rule.toPort}`
    alike.set(key, [...(alike.get(key) ?? []), rule])
  }
  return [...alike.values()].map((members) => permissionOf(members, account))
}

type DescribedRule = FirewallRule & { readonly description: string | undefined }

export function permissionOf(rules: readonly DescribedRule[], account: string): IpPermission {
  const [first] = rules
  const permission: IpPermission = {
    IpProtocol: first?.protocol,
    ...portsOf(first),
    UserIdGroupPairs: [],
    IpRanges: [],
    Ipv6Ranges: [],
    PrefixListIds: [],
  }
  for (const { peer, description: Description } of rules) {
    if (peer.kind === 'group') {
      permission.UserIdGroupPairs?.push({ GroupId: peer.groupId, UserId: account, Description })
    } else if (peer.kind === 'prefix-list') {
      permission.PrefixListIds?.push({ PrefixListId: peer.prefixListId, Description })
    } else if (isIpv6(peer.cidr)) permission.Ipv6Ranges?.push({ CidrIpv6: peer.cidr, Description })
    else permission.IpRanges?.push({ CidrIp: peer.cidr, Description })
  }
  return permission
}

export function ruleAnswer(
  rule: GroupRule,
  groupId: string,
  account: string,
  regionName: string,
): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.id,
    SecurityGroupRuleArn: `arn:aws:ec2:${regionName}:${account}:security-group-rule/${rule.id}`,
    GroupId: groupId,
    GroupOwnerId: account,
    IsEgress: rule.direction === 'egress',
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...peerAnswer(rule.peer, account),
    Description: rule.description,
    Tags: tagListOf(rule.tags),
  }
}

function peerAnswer(peer: Peer, account: string): SecurityGroupRule {
  if (peer.kind === 'group') return { ReferencedGroupInfo: { GroupId: peer.groupId, UserId: account } }
  if (peer.kind === 'prefix-list') return { PrefixListId: peer.prefixListId }
  return isIpv6(peer.cidr) ? { CidrIpv6: peer.cidr } : { CidrIpv4: peer.cidr }
}

/** AWS leaves the ports out of a permission for every protocol, though not out of a single rule. */
function portsOf(rule: FirewallRule | undefined): Pick<IpPermission, 'FromPort' | 'ToPort'> {
  if (rule === undefined || rule.protocol === '-1') return {}
  return { FromPort: rule.fromPort, ToPort: rule.toPort }
}

export function isIpv6(cidr: string): boolean {
  return cidr.includes(':')
}

export function sameRule(one: FirewallRule, other: FirewallRule): boolean {
  return (
    one.direction === other.direction &&
    one.protocol === other.protocol &&
    one.fromPort === other.fromPort &&
    one.toPort === other.toPort &&
    one.peer.kind === other.peer.kind &&
    peerText(one.peer) === peerText(other.peer)
  )
}

function peerText(peer: Peer): string {
  if (peer.kind === 'group') return peer.groupId
  return peer.kind === 'cidr' ? peer.cidr : peer.prefixListId
}

/** A rule as AWS quotes it in its errors. */
export function ruleText(rule: FirewallRule): string {
  const protocol = rule.protocol === '-1' ? 'ALL' : rule.protocol.toUpperCase()
  const ports = ['tcp', 'udp'].includes(rule.protocol)
    ? `, from port: ${rule.fromPort}, to port: ${rule.toPort}`
    : ''
  return `peer: ${peerText(rule.peer)}, ${protocol}${ports}, ALLOW`
}
