import type {
  SecurityGroup as ApiSecurityGroup,
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
} from '@aws-sdk/client-ec2'
import { newId } from '../cloud.ts'
import type { RegionState, SecurityGroup } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { allowAllEgress } from './default-network.ts'
import { type Fields, select } from './filters.ts'
import { withId, withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { refuseBadText } from './rule-requests.ts'
import { isIpv6, permissionsOf } from './rules.ts'
import { tagListOf, tagsByType } from './tag-lists.ts'
import { defaultVpc } from './vpcs.ts'

export function createSecurityGroup(
  input: CreateSecurityGroupRequest,
  { region, regionName, cloud }: Call,
): CreateSecurityGroupResult {
  const { GroupName: name = '', Description: description = '' } = input
  refuseBadName(name)
  refuseBadText(description, 'security group')
  if (description === '') {
    throw new AwsError('MissingParameter', 'The request must contain the parameter GroupDescription')
  }
  const vpc = input.VpcId === undefined ? defaultVpc(region) : withId(region.vpcs, input.VpcId, 'vpc')
  const taken = region.groups.some(
    (group) => group.vpcId === vpc.id && group.name.toLowerCase() === name.toLowerCase(),
  )
  if (taken) {
    const text = `The security group '${name}' already exists for VPC '${vpc.id}'`
    throw new AwsError('InvalidGroup.Duplicate', text)
  }
  const tags = tagsByType(input.TagSpecifications, ['security-group'])['security-group']
  const id = newId('sg')
  region.groups.push({ id, name, description, vpcId: vpc.id, rules: [allowAllEgress()], tags })
  return { GroupId: id, SecurityGroupArn: arnOf(id, regionName, cloud.state.account), Tags: tagListOf(tags) }
}

function refuseBadName(name: string): void {
  if (name === 'default') {
    throw new AwsError('InvalidParameterValue', `Cannot use reserved security group name: default`)
  }
  if (name === '') throw new AwsError('MissingParameter', 'The request must contain the parameter GroupName')
  if (/^sg-/i.test(name)) {
    const text = `Invalid value '${name}' for groupName. Group names may not be in the format sg-*.`
    throw new AwsError('InvalidParameterValue', text)
  }
  refuseBadText(name, 'security group name')
}

export function describeSecurityGroups(
  input: DescribeSecurityGroupsRequest,
  { region, regionName, cloud }: Call,
): DescribeSecurityGroupsResult {
  if (input.MaxResults !== undefined && input.GroupIds !== undefined) {
    const text = 'The parameter GroupIds cannot be used with the parameter MaxResults'
    throw new AwsError('InvalidParameterCombination', text)
  }
  const named = withNames(withIds(region.groups, input.GroupIds, 'securityGroup'), input.GroupNames, region)
  const asked = select(named, input.Filters, fields, ({ tags }) => tags)
  const { items, nextToken } = pageOf(asked, input)
  return {
    SecurityGroups: items.map((group) => answer(group, regionName, cloud.state.account)),
    NextToken: nextToken,
  }
}

function withNames(
  groups: SecurityGroup[],
  names: readonly string[] | undefined,
  region: RegionState,
): SecurityGroup[] {
  if (names === undefined) return groups
  const vpc = defaultVpc(region)
  const unknown = names.find((name) => !groups.some((group) => group.name === name && group.vpcId === vpc.id))
  if (unknown !== undefined) {
    const text = `The security group '${unknown}' does not exist in default VPC '${vpc.id}'`
    throw new AwsError('InvalidGroup.NotFound', text)
  }
  return groups.filter((group) => group.vpcId === vpc.id && names.includes(group.name))
}

const fields: Fields<SecurityGroup> = {
  description: (group) => group.description,
  'group-id': (group) => group.id,
  'group-name': (group) => group.name,
  'vpc-id': (group) => group.vpcId,
  ...permissionFields('ingress', 'ip-permission'),
  ...permissionFields('egress', 'egress.ip-permission'),
}

function permissionFields(direction: 'ingress' | 'egress', prefix: string): Fields<SecurityGroup> {
  const rulesOf = (group: SecurityGroup) => group.rules.filter((rule) => rule.direction === direction)
  const cidrsOf = (group: SecurityGroup) =>
    rulesOf(group).flatMap(({ peer }) => (peer.kind === 'cidr' ? [peer.cidr] : []))
  return {
    [`${prefix}.cidr`]: (group) => cidrsOf(group).filter((cidr) => !isIpv6(cidr)),
    [`${prefix}.ipv6-cidr`]: (group) => cidrsOf(group).filter(isIpv6),
    [`${prefix}.from-port`]: (group) => rulesOf(group).map(({ fromPort }) => String(fromPort)),
    [`${prefix}.to-port`]: (group) => rulesOf(group).map(({ toPort }) => String(toPort)),
    [`${prefix}.protocol`]: (group) => rulesOf(group).map(({ protocol }) => protocol),
    [`${prefix}.group-id`]: (group) =>
      rulesOf(group).flatMap(({ peer }) => (peer.kind === 'group' ? [peer.groupId] : [])),
  }
}

function answer(group: SecurityGroup, regionName: string, account: string): ApiSecurityGroup {
  return {
    GroupId: group.id,
    GroupName: group.name,
    Description: group.description,
    OwnerId: account,
    VpcId: group.vpcId,
    SecurityGroupArn: arnOf(group.id, regionName, account),
    IpPermissions: permissionsOf(group, 'ingress', account),
    IpPermissionsEgress: permissionsOf(group, 'egress', account),
    Tags: tagListOf(group.tags),
  }
}

function arnOf(id: string, regionName: string, account: string): string {
  return `arn:aws:ec2:${regionName}:${account}:security-group/${id}`
}

export function deleteSecurityGroup(
  input: DeleteSecurityGroupRequest,
  { region }: Call,
): DeleteSecurityGroupResult {
  const group = groupMeant(input, region)
  if (group.name === 'default') {
    const text = `the specified group: "${group.id}" name: "default" cannot be deleted by a user`
    throw new AwsError('CannotDelete', text)
  }
  if (isAttached(group, region) || isReferenced(group, region)) {
    throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`)
  }
  region.groups = region.groups.filter(({ id }) => id !== group.id)
  return { Return: true, GroupId: group.id }
}

/** The group that a request names by its id or, in the default VPC, by its name. */
export function groupMeant(
  { GroupId: id, GroupName: name }: { GroupId?: string | undefined; GroupName?: string | undefined },
  region: RegionState,
): SecurityGroup {
  if (id !== undefined) return withId(region.groups, id, 'securityGroup')
  if (name === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId')
  }
  const vpcId = defaultVpc(region).id
  const group = region.groups.find((candidate) => candidate.name === name && candidate.vpcId === vpcId)
  if (group !== undefined) return group
  const text = `The security group '${name}' does not exist in default VPC '${vpcId}'`
  throw new AwsError('InvalidGroup.NotFound', text)
}

function isAttached(group: SecurityGroup, region: RegionState): boolean {
  return [...region.instances, ...region.databases].some(({ groupIds }) => groupIds.includes(group.id))
}

/** A group may name itself in its rules and still be deleted. */
function isReferenced(group: SecurityGroup, region: RegionState): boolean {
  return region.groups.some(
    ({ id, rules }) =>
      id !== group.id && rules.some(({ peer }) => peer.kind === 'group' && peer.groupId === group.id),
  )
}
