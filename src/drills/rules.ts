import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2'
import type { Direction } from '../net/firewall.ts'
import type { DrillContext } from './drill-context.ts'

/** Revokes every rule of a group that covers the port. */
export async function takeAway(
  { ec2 }: DrillContext,
  GroupId: string,
  direction: Direction,
  port: number,
): Promise<void> {
  const Filters = [{ Name: 'group-id', Values: [GroupId] }]
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }))
  const ids = SecurityGroupRules.filter(
    ({ IsEgress, IpProtocol, FromPort = 0, ToPort = 0 }) =>
      IsEgress === (direction === 'egress') && (IpProtocol === '-1' || (FromPort <= port && port <= ToPort)),
  ).map(({ SecurityGroupRuleId = '' }) => SecurityGroupRuleId)
  if (ids.length === 0) return
  const input = { GroupId, SecurityGroupRuleIds: ids }
  if (direction === 'egress') await ec2.send(new RevokeSecurityGroupEgressCommand(input))
  else await ec2.send(new RevokeSecurityGroupIngressCommand(input))
}

export const EVERYWHERE = '0.0.0.0/0'

/** Puts a rule for that port and peer in the place of a group's rules for `port`. */
export async function replace(
  context: DrillContext,
  group: string,
  port: number,
  other: { readonly port?: number; readonly peer: IpPermission },
): Promise<void> {
  await takeAway(context, group, 'ingress', port)
  await allow(context, group, 'ingress', other.port ?? port, other.peer)
}

export const fromAddress = (cidr: string): IpPermission => ({ IpRanges: [{ CidrIp: cidr }] })
export const fromGroup = (id: string): IpPermission => ({ UserIdGroupPairs: [{ GroupId: id }] })

/** Adds a rule, unless it is there. */
export async function allow(
  { ec2 }: DrillContext,
  GroupId: string,
  direction: Direction,
  port: number | 'everything',
  peer: IpPermission,
): Promise<void> {
  const traffic =
    port === 'everything' ? { IpProtocol: '-1' } : { IpProtocol: 'tcp', FromPort: port, ToPort: port }
  const input = { GroupId, IpPermissions: [{ ...traffic, ...peer }] }
  const request =
    direction === 'egress'
      ? ec2.send(new AuthorizeSecurityGroupEgressCommand(input))
      : ec2.send(new AuthorizeSecurityGroupIngressCommand(input))
  await unless(request, 'InvalidPermission.Duplicate')
}

/** Lets a request fail in the one way that means that nothing is left to be done. */
export async function unless(request: Promise<unknown>, code: string): Promise<void> {
  try {
    await request
  } catch (error) {
    const { Code, name } = error as { Code?: string; name?: string }
    if ((Code ?? name) !== code) throw error
  }
}

/** The laptop's present address as a CIDR block. */
export async function myBlock({ laptop }: DrillContext): Promise<string> {
  return `${(await laptop.about()).laptop.address}/32`
}
