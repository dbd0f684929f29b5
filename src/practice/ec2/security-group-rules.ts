import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
} from '@aws-sdk/client-ec2'
import type { Direction } from '../../net/firewall.ts'
import type { GroupRule, RegionState, SecurityGroup } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { requestedRules } from './rule-requests.ts'
import { permissionOf, ruleAnswer, ruleText, sameRule } from './rules.ts'
import { groupMeant } from './security-groups.ts'
import { tagsByType } from './tag-lists.ts'

const MOST_RULES = 60

type Authorize = AuthorizeSecurityGroupIngressRequest & AuthorizeSecurityGroupEgressRequest
type Revoke = RevokeSecurityGroupIngressRequest & RevokeSecurityGroupEgressRequest

/** AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress. */
export function authorize(
  direction: Direction,
): (input: Authorize, call: Call) => AuthorizeSecurityGroupIngressResult {
  return (input, { region, regionName, cloud }) => {
    const group = groupMeant(input, region)
    const tags = tagsByType(input.TagSpecifications, ['security-group-rule'])['security-group-rule']
    const rules = requestedRules(input, direction, group, region).map((rule) => ({
      ...rule,
      tags: { ...tags },
    }))
    for (const [index, rule] of rules.entries())
      refuseDuplicate(rule, [...group.rules, ...rules.slice(0, index)])
    const count = group.rules.filter((rule) => rule.direction === direction).length + rules.length
    if (count > MOST_RULES) {
      const text = 'The maximum number of rules per security group has been reached.'
      throw new AwsError('RulesPerSecurityGroupLimitExceeded', text)
    }
    group.rules.push(...rules)
    const answers = rules.map((rule) => ruleAnswer(rule, group.id, cloud.state.account, regionName))
    return { Return: true, SecurityGroupRules: answers }
  }
}

function refuseDuplicate(rule: GroupRule, existing: readonly GroupRule[]): void {
  if (!existing.some((other) => sameRule(rule, other))) return
  throw new AwsError('InvalidPermission.Duplicate', `the specified rule "${ruleText(rule)}" already exists`)
}

/** RevokeSecurityGroupIngress and RevokeSecurityGroupEgress. */
export function revoke(
  direction: Direction,
): (input: Revoke, call: Call) => RevokeSecurityGroupIngressResult {
  return (input, { region, cloud }) => {
    const group = groupMeant(input, region)
    const { revoked, unknown } =
      input.SecurityGroupRuleIds === undefined
        ? byValues(input, direction, group, region)
        : byIds(input.SecurityGroupRuleIds, direction, group)
    group.rules = group.rules.filter((rule) => !revoked.includes(rule))
    return {
      Return: true,
      UnknownIpPermissions: unknown.map((rule) => permissionOf([rule], cloud.state.account)),
      RevokedSecurityGroupRules: revoked.map((rule) => ({
        ...ruleAnswer(rule, group.id, cloud.state.account, ''),
        ReferencedGroupId: rule.peer.kind === 'group' ? rule.peer.groupId : undefined,
      })),
    }
  }
}

function byIds(ids: readonly string[], direction: Direction, group: SecurityGroup) {
  const rules = group.rules.filter((rule) => rule.direction === direction)
  return { revoked: withIds(rules, ids, 'securityGroupRule'), unknown: [] }
}

/** AWS says nothing of a rule that a default VPC's group does not have; elsewhere it refuses the whole request. */
function byValues(input: Revoke, direction: Direction, group: SecurityGroup, region: RegionState) {
  const asked = requestedRules(input, direction, group, region)
  const revoked = group.rules.filter((rule) => asked.some((other) => sameRule(rule, other)))
  const unknown = asked.filter((rule) => !revoked.some((other) => sameRule(rule, other)))
  const inDefaultVpc = region.vpcs.some(({ id, isDefault }) => id === group.vpcId && isDefault)
  if (unknown.length > 0 && !inDefaultVpc) {
    const text = 'The specified rule does not exist in this security group.'
    throw new AwsError('InvalidPermission.NotFound', text)
  }
  return { revoked, unknown }
}

interface RuleOfGroup {
  readonly id: string
  readonly rule: GroupRule
  readonly groupId: string
}

export function describeSecurityGroupRules(
  input: DescribeSecurityGroupRulesRequest,
  { region, regionName, cloud }: Call,
): DescribeSecurityGroupRulesResult {
  const all = region.groups.flatMap((group) =>
    group.rules.map((rule): RuleOfGroup => ({ id: rule.id, rule, groupId: group.id })),
  )
  const rules = withIds(all, input.SecurityGroupRuleIds, 'securityGroupRule')
  const asked = select(rules, input.Filters, fields, ({ rule }) => rule.tags)
  const { items, nextToken } = pageOf(asked, input)
  return {
    SecurityGroupRules: items.map(({ rule, groupId }) =>
      ruleAnswer(rule, groupId, cloud.state.account, regionName),
    ),
    NextToken: nextToken,
  }
}

const fields: Fields<RuleOfGroup> = {
  'group-id': ({ groupId }) => groupId,
  'security-group-rule-id': ({ id }) => id,
}
