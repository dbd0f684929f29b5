import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { createDatabase, launch, makeGroup, untilState } from './lab.ts'
import { openCloud, refusal } from './support.ts'

const from = (CidrIp: string, port = 22): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: [{ CidrIp }],
})
const fromGroup = (GroupId: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: 3306,
  ToPort: 3306,
  UserIdGroupPairs: [{ GroupId, Description: 'the server' }],
})
const anything: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }

const allow = (ec2: EC2Client, GroupId: string, ...IpPermissions: IpPermission[]) =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }))
const groupOf = async (ec2: EC2Client, id: string) =>
  (await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }))).SecurityGroups?.[0] ?? {}
const remove = (ec2: EC2Client, GroupId: string) => ec2.send(new DeleteSecurityGroupCommand({ GroupId }))

test('a new group lets everything out and nothing in', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { GroupId = '', Tags } = await ec2.send(
    new CreateSecurityGroupCommand({
      GroupName: 'web',
      Description: 'the web server',
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'lab', Value: 'one' }] }],
    }),
  )
  expect(Tags).toEqual([{ Key: 'lab', Value: 'one' }])
  expect(await groupOf(ec2, GroupId)).toMatchObject({
    GroupName: 'web',
    Description: 'the web server',
    IpPermissions: [],
    IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    Tags: [{ Key: 'lab', Value: 'one' }],
  })
})

test('rules with one protocol and ports are told together, and each has an id of its own', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await makeGroup(ec2, 'web')
  const { SecurityGroupRules } = await allow(ec2, id, from('203.0.113.7/32'), from('10.1.2.3/8'), {
    ...from('0.0.0.0/0', 5000),
    Ipv6Ranges: [{ CidrIpv6: '2001:DB8:0:0::1/64' }],
    PrefixListIds: [{ PrefixListId: 'pl-12345678' }],
  })
  expect(SecurityGroupRules?.map((rule) => rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.PrefixListId)).toEqual([
    '203.0.113.7/32',
    '10.0.0.0/8',
    '0.0.0.0/0',
    '2001:db8::/64',
    'pl-12345678',
  ])
  const { IpPermissions } = await groupOf(ec2, id)
  expect(IpPermissions).toMatchObject([
    { FromPort: 22, IpRanges: [{ CidrIp: '203.0.113.7/32' }, { CidrIp: '10.0.0.0/8' }] },
    { FromPort: 5000, IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '2001:db8::/64' }] },
  ])
  const Filters = [{ Name: 'group-id', Values: [id] }]
  const { SecurityGroupRules: rules = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters }),
  )
  expect(new Set(rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId)).size).toBe(6)
})

test('a rule that exists is a duplicate, whatever its description, and nothing of its request is added', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await makeGroup(ec2, 'web')
  await allow(ec2, id, from('203.0.113.7/32'))
  const again = { ...from('203.0.113.7/32'), IpRanges: [{ CidrIp: '203.0.113.7/32', Description: 'mine' }] }
  expect(await refusal(allow(ec2, id, from('0.0.0.0/0', 5000), again))).toBe(
    'InvalidPermission.Duplicate: the specified rule "peer: 203.0.113.7/32, TCP, from port: 22, to port: 22, ALLOW" already exists',
  )
  expect(await refusal(allow(ec2, id, from('1.1.1.1/32'), from('1.1.1.1/32')))).toMatch(
    /^InvalidPermission.Duplicate/,
  )
  expect((await groupOf(ec2, id)).IpPermissions).toHaveLength(1)
  await allow(ec2, id, { ...from('203.0.113.7/32'), FromPort: 20 })
})

test('rules that make no sense are refused', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await makeGroup(ec2, 'web')
  const refused = (permission: IpPermission) => refusal(allow(ec2, id, permission))
  expect(await refused(from('203.0.113.7/33'))).toBe(
    'InvalidParameterValue: CIDR block 203.0.113.7/33 is malformed',
  )
  expect(await refused({ ...from('0.0.0.0/0'), FromPort: 23 })).toMatch(
    /Invalid TCP\/UDP port range \(23:22\)/,
  )
  expect(await refused({ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] })).toMatch(
    /both from and to ports/,
  )
  expect(await refused({ ...from('0.0.0.0/0'), IpProtocol: 'mysql' })).toMatch(/Unknown protocol/)
  expect(await refused(fromGroup('sg-00000000000000000'))).toMatch(/^InvalidGroup.NotFound/)
  const IpRanges = [{ CidrIp: '1.2.3.4/32', Description: "student's laptop" }]
  expect(await refused({ ...from(''), IpRanges })).toMatch(/^InvalidParameterValue: Invalid rule description/)
})

test('names and descriptions keep to the allowed characters', async () => {
  await using cloud = await openCloud()
  const create = (GroupName: string, Description: string) =>
    refusal(cloud.ec2().send(new CreateSecurityGroupCommand({ GroupName, Description })))
  expect(await create('a', 'Renée')).toMatch(/^InvalidParameterValue: Invalid security group description/)
  expect(await create('a', 'a -> b')).toMatch(/^InvalidParameterValue/)
  expect(await create("student's", 'b')).toMatch(/^InvalidParameterValue/)
  expect(await create('sg-mine', 'b')).toMatch(/^InvalidParameterValue/)
  expect(await create('default', 'b')).toMatch(/^InvalidParameterValue/)
  expect(await create('a'.repeat(256), 'b')).toMatch(/^InvalidParameterValue/)
  expect(await create('a b._-:/()#,@[]+=&;{}!$*', '(ok)')).toBe('accepted')
})

test('a name is taken once in a VPC, in whatever case', async () => {
  await using cloud = await openCloud()
  await makeGroup(cloud.ec2(), 'web')
  const { id } = cloud.cloud.region('us-east-1').vpcs[0] ?? { id: '' }
  expect(await refusal(makeGroup(cloud.ec2(), 'Web'))).toBe(
    `InvalidGroup.Duplicate: The security group 'Web' already exists for VPC '${id}'`,
  )
  await makeGroup(cloud.ec2('eu-west-1'), 'web')
})

test('a rule is revoked by its id, and only with a known one', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const GroupId = await makeGroup(ec2, 'link')
  const Filters = [{ Name: 'group-id', Values: [GroupId] }]
  const { SecurityGroupRules: [rule] = [] } = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters }),
  )
  const SecurityGroupRuleIds = [rule?.SecurityGroupRuleId ?? '']
  const revoke = () => ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds }))
  expect((await revoke()).Return).toBe(true)
  expect((await groupOf(ec2, GroupId)).IpPermissionsEgress).toEqual([])
  expect(await refusal(revoke())).toMatch(/^InvalidSecurityGroupRuleId.NotFound/)
})

test('in a default VPC an unknown rule is revoked without an error, elsewhere with one', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  cloud.cloud
    .region('us-east-1')
    .vpcs.push({ id: 'vpc-00000000000000001', cidr: '10.0.0.0/16', isDefault: false, tags: {} })
  const [here, there] = [await makeGroup(ec2, 'a'), await makeGroup(ec2, 'a', 'vpc-00000000000000001')]
  const revoke = (GroupId: string, ...IpPermissions: IpPermission[]) =>
    ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions }))
  const unlike = { ...anything, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }
  const { Return, UnknownIpPermissions } = await revoke(here, unlike, anything)
  expect({ Return, UnknownIpPermissions }).toMatchObject({
    Return: true,
    UnknownIpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
  })
  expect((await groupOf(ec2, here)).IpPermissionsEgress).toEqual([])
  expect(await refusal(revoke(there, anything, unlike))).toMatch(/^InvalidPermission.NotFound/)
  expect((await groupOf(ec2, there)).IpPermissionsEgress).toHaveLength(1)
})

test('two groups that name each other can be deleted only after their rules', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const [server, database] = [await makeGroup(ec2, 'ec2-rds-1'), await makeGroup(ec2, 'rds-ec2-1')]
  await allow(ec2, database, fromGroup(server))
  await ec2.send(
    new AuthorizeSecurityGroupEgressCommand({ GroupId: server, IpPermissions: [fromGroup(database)] }),
  )
  expect((await groupOf(ec2, database)).IpPermissions?.[0]?.UserIdGroupPairs).toEqual([
    { GroupId: server, UserId: '123456789012', Description: 'the server' },
  ])
  for (const id of [server, database]) {
    expect(await refusal(remove(ec2, id))).toBe(`DependencyViolation: resource ${id} has a dependent object`)
  }
  const withoutDescription = { ...fromGroup(server), UserIdGroupPairs: [{ GroupId: server }] }
  await ec2.send(
    new RevokeSecurityGroupIngressCommand({ GroupId: database, IpPermissions: [withoutDescription] }),
  )
  await remove(ec2, server)
  await remove(ec2, database)
  expect(await refusal(remove(ec2, server))).toBe(
    `InvalidGroup.NotFound: The security group '${server}' does not exist`,
  )
})

test('a group that a server or a database carries is kept until they are gone', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const [web, data] = [await makeGroup(ec2, 'web'), await makeGroup(ec2, 'data')]
  const id = await launch(ec2, { SecurityGroupIds: [web] })
  await cloud.rds().send(createDatabase({ VpcSecurityGroupIds: [data] }))
  expect(await refusal(remove(ec2, web))).toMatch(/^DependencyViolation/)
  expect(await refusal(remove(ec2, data))).toMatch(/^DependencyViolation/)
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))
  expect(await refusal(remove(ec2, web))).toMatch(/^DependencyViolation/)
  await untilState(ec2, id, 'terminated')
  await remove(ec2, web)
})

test('the default group stays', async () => {
  await using cloud = await openCloud()
  const request = cloud.ec2().send(new DeleteSecurityGroupCommand({ GroupName: 'default' }))
  expect(await refusal(request)).toMatch(/^CannotDelete: .*"default" cannot be deleted by a user/)
})

test('a group has at most 60 rules in a direction', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await makeGroup(ec2, 'many')
  await allow(ec2, id, ...Array.from({ length: 60 }, (_, index) => from(`10.0.0.${index}/32`)))
  expect(await refusal(allow(ec2, id, from('10.1.0.0/32')))).toMatch(/^RulesPerSecurityGroupLimitExceeded/)
})

test('groups are found by their rules', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const [web, data] = [await makeGroup(ec2, 'web'), await makeGroup(ec2, 'data')]
  await allow(ec2, web, from('203.0.113.7/32'))
  await allow(ec2, data, fromGroup(web))
  const find = async (Name: string, Value: string) => {
    const request = new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [Value] }] })
    return (await ec2.send(request)).SecurityGroups?.map(({ GroupId }) => GroupId)
  }
  expect(await find('ip-permission.cidr', '203.0.113.*')).toEqual([web])
  expect(await find('ip-permission.group-id', web)).toEqual([data])
  expect(await find('group-name', 'data')).toEqual([data])
})
