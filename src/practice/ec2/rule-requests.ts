import type { IpPermission, UserIdGroupPair } from '@aws-sdk/client-ec2'
import type { Direction, Peer } from '../../net/firewall.ts'
import { newId } from '../cloud.ts'
import type { GroupRule, RegionState, SecurityGroup } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import { canonicalCidr, canonicalIpv6Cidr } from './cidr.ts'
import { withId } from './ids.ts'

/** The older way to ask for one ingress rule, beside `IpPermissions`. */
interface SingleRule {
  readonly IpPermissions?: IpPermission[] | undefined
  readonly IpProtocol?: string | undefined
  readonly FromPort?: number | undefined
  readonly ToPort?: number | undefined
  readonly CidrIp?: string | undefined
  readonly SourceSecurityGroupName?: string | undefined
}

/** The rules that a request describes, one for each peer, as a group would hold them. */
export function requestedRules(
  input: SingleRule,
  direction: Direction,
  group: SecurityGroup,
  region: RegionState,
): GroupRule[] {
  const single = singlePermission(input)
  if (single !== undefined && direction === 'egress') {
    throw new AwsError(
      'InvalidParameterValue',
      'CidrIp and its companions are not supported: use IpPermissions.',
    )
  }
  const permissions = [...(input.IpPermissions ?? []), ...(single === undefined ? [] : [single])]
  if (permissions.length === 0) {
    throw new AwsError('MissingParameter', 'Either ipPermissions or securityGroupRuleIds should be provided.')
  }
  return permissions.flatMap((permission) => rulesOf(permission, direction, group, region))
}

function singlePermission(input: SingleRule): IpPermission | undefined {
  const { IpProtocol, FromPort, ToPort, CidrIp, SourceSecurityGroupName } = input
  if (CidrIp === undefined && SourceSecurityGroupName === undefined) return undefined
  const ports = { IpProtocol: IpProtocol ?? '-1', FromPort, ToPort }
  return CidrIp === undefined
    ? { ...ports, UserIdGroupPairs: [{ GroupName: SourceSecurityGroupName }] }
    : { ...ports, IpRanges: [{ CidrIp }] }
}

function rulesOf(
  permission: IpPermission,
  direction: Direction,
  group: SecurityGroup,
  region: RegionState,
): GroupRule[] {
  const traffic = trafficOf(permission)
  const peers = peersOf(permission, group, region)
  if (peers.length === 0) {
    throw new AwsError('InvalidParameterValue', 'No IP ranges, groups or prefix lists in the permission.')
  }
  return peers.map(({ peer, description }) => {
    if (description !== undefined) refuseBadText(description, 'rule')
    return { id: newId('sgr'), direction, ...traffic, peer, description, tags: {} }
  })
}

function peersOf(
  permission: IpPermission,
  group: SecurityGroup,
  region: RegionState,
): { peer: Peer; description: string | undefined }[] {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission
  return [
    ...IpRanges.map(({ CidrIp = '', Description: description }) => ({
      peer: { kind: 'cidr' as const, cidr: canonicalCidr(CidrIp) },
      description,
    })),
    ...Ipv6Ranges.map(({ CidrIpv6 = '', Description: description }) => ({
      peer: { kind: 'cidr' as const, cidr: canonicalIpv6Cidr(CidrIpv6) },
      description,
    })),
    ...PrefixListIds.map(({ PrefixListId: prefixListId = '', Description: description }) => ({
      peer: { kind: 'prefix-list' as const, prefixListId: knownPrefixList(prefixListId) },
      description,
    })),
    ...UserIdGroupPairs.map((pair) => ({
      peer: { kind: 'group' as const, groupId: referencedGroup(pair, group, region).id },
      description: pair.Description,
    })),
  ]
}

function knownPrefixList(id: string): string {
  if (/^pl-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) return id
  throw new AwsError('InvalidPrefixListId.Malformed', `Invalid id: "${id}" (expecting "pl-...")`)
}

function referencedGroup(pair: UserIdGroupPair, group: SecurityGroup, region: RegionState): SecurityGroup {
  const found =
    pair.GroupId === undefined
      ? region.groups.find(({ name, vpcId }) => name === pair.GroupName && vpcId === group.vpcId)
      : withId(region.groups, pair.GroupId, 'securityGroup')
  if (found === undefined || found.vpcId !== group.vpcId) {
    const text = `You have specified two resources that belong to different networks, or the security group '${pair.GroupId ?? pair.GroupName}' does not exist.`
    throw new AwsError('InvalidGroup.NotFound', text)
  }
  return found
}

const protocolNames: Record<string, string> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
  all: '-1',
}

function trafficOf({ IpProtocol = '', FromPort: from, ToPort: to }: IpPermission) {
  const lower = IpProtocol.toLowerCase()
  const protocol = protocolNames[lower] ?? lower
  if (protocol === '-1') return { protocol, fromPort: -1, toPort: -1 }
  if (protocol === 'tcp' || protocol === 'udp') return { protocol, ...portRange(from, to) }
  if (protocol === 'icmp' || protocol === 'icmpv6')
    return { protocol, fromPort: from ?? -1, toPort: to ?? -1 }
  if (/^[0-9]{1,3}$/.test(protocol) && Number(protocol) <= 255) return { protocol, fromPort: -1, toPort: -1 }
  throw new AwsError(
    'InvalidParameterValue',
    `Invalid value '${IpProtocol}' for IP protocol. Unknown protocol.`,
  )
}

function portRange(from: number | undefined, to: number | undefined) {
  if (from === undefined || to === undefined) {
    const text = `Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.`
    throw new AwsError('InvalidParameterValue', text)
  }
  const valid = [from, to].every((port) => Number.isInteger(port) && port >= 0 && port <= 65535)
  if (valid && from <= to) return { fromPort: from, toPort: to }
  throw new AwsError('InvalidParameterValue', `Invalid TCP/UDP port range (${from}:${to})`)
}

const ALLOWED_TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/

/** Group names and the descriptions of groups and rules share one set of characters. */
export function refuseBadText(text: string, of: 'rule' | 'security group' | 'security group name'): void {
  if (ALLOWED_TEXT.test(text)) return
  const what = of === 'security group name' ? of : `${of} description`
  const kind = of === 'security group name' ? 'names' : 'descriptions'
  throw new AwsError(
    'InvalidParameterValue',
    `Invalid ${what}. Valid ${kind} are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
  )
}
