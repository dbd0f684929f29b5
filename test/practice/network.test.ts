import {
  CreateDefaultVpcCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeAddressesCommand,
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeTagsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcBlockPublicAccessOptionsCommand,
  DescribeVpcsCommand,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { launch, makeGroup, unlisted } from './lab.ts'
import { openCloud, refusal } from './support.ts'

test('a region begins with a default network that leads to the internet', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { Vpcs: [vpc] = [] } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
  )
  const Filters = [{ Name: 'vpc-id', Values: [vpc?.VpcId ?? ''] }]
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters }))
  const { RouteTables: [table] = [] } = await ec2.send(new DescribeRouteTablesCommand({ Filters }))
  const { InternetGateways: [gateway] = [] } = await ec2.send(
    new DescribeInternetGatewaysCommand({
      Filters: [{ Name: 'attachment.vpc-id', Values: [vpc?.VpcId ?? ''] }],
    }),
  )
  const { NetworkAcls: [acl] = [] } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }))
  expect(vpc).toMatchObject({ CidrBlock: '172.31.0.0/16', IsDefault: true, OwnerId: '123456789012' })
  expect(
    Subnets.map((subnet) => `${subnet.AvailabilityZone} ${subnet.AvailabilityZoneId} ${subnet.CidrBlock}`),
  ).toEqual([
    'us-east-1a use1-az1 172.31.0.0/20',
    'us-east-1b use1-az2 172.31.16.0/20',
    'us-east-1c use1-az3 172.31.32.0/20',
    'us-east-1d use1-az4 172.31.48.0/20',
    'us-east-1e use1-az5 172.31.64.0/20',
    'us-east-1f use1-az6 172.31.80.0/20',
  ])
  expect(Subnets[0]).toMatchObject({
    MapPublicIpOnLaunch: true,
    DefaultForAz: true,
    AvailableIpAddressCount: 4091,
  })
  expect(table?.Associations).toMatchObject([{ Main: true }])
  expect(table?.Routes).toMatchObject([
    { DestinationCidrBlock: '172.31.0.0/16', GatewayId: 'local' },
    { DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway?.InternetGatewayId, State: 'active' },
  ])
  expect(acl?.Entries?.map((entry) => `${entry.RuleNumber} ${entry.Egress} ${entry.RuleAction}`)).toEqual([
    '100 true allow',
    '32767 true deny',
    '100 false allow',
    '32767 false deny',
  ])
  await launch(ec2)
  expect(
    (await ec2.send(new DescribeSubnetsCommand({ Filters }))).Subnets?.[0]?.AvailableIpAddressCount,
  ).toBe(4090)
})

test('regions are worlds of their own with their own zones', async () => {
  await using cloud = await openCloud()
  const zones = async (region: string) =>
    (await cloud.ec2(region).send(new DescribeAvailabilityZonesCommand({}))).AvailabilityZones?.map(
      ({ ZoneId }) => ZoneId,
    )
  expect(await zones('ap-southeast-2')).toEqual(['apse2-az1', 'apse2-az2', 'apse2-az3'])
  expect(await zones('eu-central-1')).toEqual(['euc1-az1', 'euc1-az2', 'euc1-az3'])
  const vpc = async (region: string) =>
    (await cloud.ec2(region).send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId
  expect(await vpc('us-east-1')).toBe(await vpc('us-east-1'))
  expect(await vpc('us-east-1')).not.toBe(await vpc('us-west-2'))
})

test('regions that are not enabled are told only when asked for', async () => {
  await using cloud = await openCloud()
  const names = async (AllRegions: boolean) =>
    (await cloud.ec2().send(new DescribeRegionsCommand({ AllRegions }))).Regions?.map(
      ({ RegionName }) => RegionName,
    )
  expect(await names(false)).not.toContain('eu-south-1')
  expect(await names(true)).toContain('eu-south-1')
  expect(await refusal(cloud.ec2().send(new DescribeRegionsCommand({ RegionNames: ['us-est-1'] })))).toMatch(
    /^InvalidParameterValue: Invalid region name: us-est-1/,
  )
})

test('t3.micro is free and offered in all zones but the oldest', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { InstanceTypeOfferings = [] } = await ec2.send(
    new DescribeInstanceTypeOfferingsCommand({
      LocationType: 'availability-zone',
      Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
    }),
  )
  expect(InstanceTypeOfferings.map(({ Location }) => Location?.at(-1)).join('')).toBe('abcdf')
  const free = new DescribeInstanceTypesCommand({
    Filters: [{ Name: 'free-tier-eligible', Values: ['true'] }],
  })
  expect((await ec2.send(free)).InstanceTypes?.map(({ InstanceType }) => InstanceType)).toContain('t3.micro')
  const unknown = new DescribeInstanceTypesCommand({ InstanceTypes: [unlisted('t9.huge')] })
  expect(await refusal(ec2.send(unknown))).toMatch(/^InvalidInstanceType: .*\[t9\.huge\]/)
})

test('a default VPC is made where there is none, and only there', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const create = () => ec2.send(new CreateDefaultVpcCommand({}))
  expect(await refusal(create())).toMatch(/^DefaultVpcAlreadyExists/)
  Object.assign(cloud.cloud.region('us-east-1'), {
    vpcs: [],
    subnets: [],
    routeTables: [],
    internetGateways: [],
    networkAcls: [],
    groups: [],
  })
  expect(await refusal(makeGroup(ec2, 'web'))).toMatch(/^VPCIdNotSpecified/)
  const { Vpc } = await create()
  expect(Vpc).toMatchObject({ IsDefault: true, CidrBlock: '172.31.0.0/16' })
  await launch(ec2)
  const attribute = new DescribeVpcAttributeCommand({ VpcId: Vpc?.VpcId, Attribute: 'enableDnsHostnames' })
  expect((await ec2.send(attribute)).EnableDnsHostnames).toEqual({ Value: true })
})

test('no internet gateway is shut by VPC Block Public Access', async () => {
  await using cloud = await openCloud()
  const answer = await cloud.ec2().send(new DescribeVpcBlockPublicAccessOptionsCommand({}))
  expect(answer.VpcBlockPublicAccessOptions).toMatchObject({
    AwsRegion: 'us-east-1',
    InternetGatewayBlockMode: 'off',
  })
})

test('there are no Elastic IP addresses to describe or release', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const Filters = [{ Name: 'tag:lab', Values: ['one'] }]
  expect((await ec2.send(new DescribeAddressesCommand({ Filters }))).Addresses).toEqual([])
  const release = ec2.send(new ReleaseAddressCommand({ AllocationId: 'eipalloc-1' }))
  expect(await refusal(release)).toBe(
    "InvalidAllocationID.NotFound: The allocation ID 'eipalloc-1' does not exist",
  )
})

test('tags are added, replaced, found and removed, on several resources at once', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const Resources = [await makeGroup(ec2, 'web'), await launch(ec2)]
  const Tags = [
    { Key: 'lab', Value: 'one' },
    { Key: 'Name', Value: 'x' },
  ]
  await ec2.send(new CreateTagsCommand({ Resources, Tags }))
  await ec2.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'lab', Value: 'two' }] }))
  const tags = async () => {
    const Filters = [{ Name: 'resource-type', Values: ['instance', 'security-group'] }]
    const { Tags: found = [] } = await ec2.send(new DescribeTagsCommand({ Filters }))
    return found.map((tag) => `${tag.ResourceType} ${tag.Key}=${tag.Value}`).sort()
  }
  expect(await tags()).toEqual([
    'instance Name=x',
    'instance lab=two',
    'security-group Name=x',
    'security-group lab=two',
  ])
  await ec2.send(
    new DeleteTagsCommand({ Resources, Tags: [{ Key: 'lab', Value: 'other' }, { Key: 'Name' }] }),
  )
  expect(await tags()).toEqual(['instance lab=two', 'security-group lab=two'])
  await ec2.send(new DeleteTagsCommand({ Resources }))
  expect(await tags()).toEqual([])
})

test('tags that AWS refuses are refused, and none of a request is kept', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await makeGroup(ec2, 'web')
  const tag = (Resources: string[], ...keys: string[]) =>
    refusal(ec2.send(new CreateTagsCommand({ Resources, Tags: keys.map((Key) => ({ Key, Value: '' })) })))
  expect(await tag([id], 'aws:x')).toMatch(/^InvalidParameterValue: Tag keys starting with 'aws:'/)
  expect(await tag([id], 'a', 'a')).toMatch(/^InvalidParameterValue: Duplicate tag keys/)
  expect(await tag([id], 'a'.repeat(129))).toMatch(/^InvalidParameterValue/)
  expect(await tag([id], ...Array.from({ length: 51 }, (_, index) => `k${index}`))).toMatch(
    /^TagLimitExceeded/,
  )
  expect(await tag([id, 'i-00000000000000000'], 'a')).toMatch(/^InvalidInstanceID.NotFound/)
  expect(await tag([id, 'thing'], 'a')).toMatch(/^InvalidID: The ID 'thing' is not valid/)
  expect((await ec2.send(new DescribeTagsCommand({}))).Tags).toEqual([])
})

test('the caller is the practice user, in every region', async () => {
  await using cloud = await openCloud()
  const { Account, UserId, Arn } = await cloud.sts('eu-west-1').send(new GetCallerIdentityCommand({}))
  expect({ Account, UserId, Arn }).toEqual({
    Account: '123456789012',
    UserId: 'AIDAPRACTICE0000000000',
    Arn: 'arn:aws:iam::123456789012:user/practice',
  })
})
