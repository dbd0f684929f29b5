import {
  CreateKeyPairCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { IMAGE, instanceOf, launch, makeGroup, runInstances, unlisted, untilState } from './lab.ts'
import { openCloud, refusal, type TestCloud } from './support.ts'

async function subnetIn(cloud: TestCloud, zone: string): Promise<string> {
  const Filters = [{ Name: 'availability-zone', Values: [zone] }]
  const { Subnets: [subnet] = [] } = await cloud.ec2().send(new DescribeSubnetsCommand({ Filters }))
  return subnet?.SubnetId ?? ''
}

test('the launch of the lab makes a running server with its groups, volume, address and tags', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const tags = [{ Key: 'flasklab:lab', Value: 'one' }]
  const [web, link] = [await makeGroup(ec2, 'web'), await makeGroup(ec2, 'link')]
  const SubnetId = await subnetIn(cloud, 'us-east-1c')
  await ec2.send(new CreateKeyPairCommand({ KeyName: 'lab', KeyType: 'ed25519' }))
  const goOn = cloud.hold('time')
  const id = await launch(ec2, {
    KeyName: 'lab',
    ClientToken: 'token-1',
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        SubnetId,
        Groups: [web, link],
        AssociatePublicIpAddress: true,
        DeleteOnTermination: true,
      },
    ],
    BlockDeviceMappings: [
      { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 10, VolumeType: 'gp3' } },
    ],
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
      ResourceType,
      Tags: tags,
    })),
  })
  expect((await instanceOf(ec2, id)).State).toEqual({ Code: 0, Name: 'pending' })
  goOn()
  const instance = await untilState(ec2, id, 'running')
  expect(cloud.asked).toEqual([`boot ${id} ssh-ed25519`])
  expect(instance).toMatchObject({
    InstanceType: 't3.micro',
    KeyName: 'lab',
    ClientToken: 'token-1',
    SubnetId,
    Placement: { AvailabilityZone: 'us-east-1c' },
    Architecture: 'x86_64',
    PublicIpAddress: expect.stringMatching(/^198\.51\.100\.\d+$/),
    PrivateIpAddress: '172.31.32.4',
    SecurityGroups: [
      { GroupId: web, GroupName: 'web' },
      { GroupId: link, GroupName: 'link' },
    ],
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
    Tags: tags,
  })
  const { Volumes } = await ec2.send(new DescribeVolumesCommand({}))
  expect(Volumes).toMatchObject([
    { Size: 10, Encrypted: true, VolumeType: 'gp3', State: 'in-use', Tags: tags },
  ])
  expect(Volumes?.[0]?.VolumeId).toBe(instance.BlockDeviceMappings?.[0]?.Ebs?.VolumeId)
  const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({}))
  expect(NetworkInterfaces).toMatchObject([
    { TagSet: tags, Attachment: { InstanceId: id }, Association: { PublicIp: instance.PublicIpAddress } },
  ])
})

test('a launch at the instance level takes the subnet, the default group and its own address', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const web = await makeGroup(ec2, 'web')
  const [one, two] = [await launch(ec2), await launch(ec2, { SecurityGroupIds: [web] })]
  expect((await instanceOf(ec2, one)).SecurityGroups?.[0]?.GroupName).toBe('default')
  expect((await instanceOf(ec2, two)).SecurityGroups).toEqual([{ GroupId: web, GroupName: 'web' }])
  const addresses = [await instanceOf(ec2, one), await instanceOf(ec2, two)]
  expect(new Set(addresses.map(({ PublicIpAddress }) => PublicIpAddress)).size).toBe(2)
  expect(addresses.map(({ PrivateIpAddress }) => PrivateIpAddress)).toEqual(['172.31.0.4', '172.31.0.5'])
})

test('a boot that takes longer than the pace keeps the instance pending', async () => {
  await using cloud = await openCloud()
  const release = cloud.hold('boot')
  const id = await launch(cloud.ec2())
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect((await instanceOf(cloud.ec2(), id)).State?.Name).toBe('pending')
  release()
  await untilState(cloud.ec2(), id, 'running')
})

test('an instance that cannot be booted ends terminated with the reason, and its volume goes', async () => {
  await using cloud = await openCloud()
  cloud.failNext('boot', 'no room on the disk')
  const id = await launch(cloud.ec2())
  const { StateReason } = await untilState(cloud.ec2(), id, 'terminated')
  expect(StateReason).toEqual({
    Code: 'Server.InternalError',
    Message: 'Server.InternalError: Internal error on launch (no room on the disk)',
  })
  expect((await cloud.ec2().send(new DescribeVolumesCommand({}))).Volumes).toEqual([])
  expect(cloud.asked).toEqual([`boot ${id} no key`, `destroy ${id}`])
})

test('a client token launches once, also after the instance runs', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const first = await launch(ec2, { ClientToken: 'once' })
  await untilState(ec2, first, 'running')
  expect(await launch(ec2, { ClientToken: 'once' })).toBe(first)
  expect(await launch(ec2, { ClientToken: 'twice' })).not.toBe(first)
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}))
  expect(Reservations).toHaveLength(2)
})

test('a client token with other parameters is refused', async () => {
  await using cloud = await openCloud()
  await launch(cloud.ec2(), { ClientToken: 'once' })
  expect(await refusal(launch(cloud.ec2(), { ClientToken: 'once', InstanceType: 't3.small' }))).toMatch(
    /^IdempotentParameterMismatch: /,
  )
})

test('a client token is zonal where a subnet is named', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const inZone = async (zone: string) =>
    launch(ec2, { ClientToken: 't', SubnetId: await subnetIn(cloud, zone) })
  const first = await inZone('us-east-1a')
  expect(await inZone('us-east-1b')).not.toBe(first)
  expect(await inZone('us-east-1a')).toBe(first)
})

test('everything that a launch names must exist, in the right form and place', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const region = cloud.cloud.region('us-east-1')
  region.vpcs.push({ id: 'vpc-00000000000000001', cidr: '10.0.0.0/16', isDefault: false, tags: {} })
  const foreign = await makeGroup(ec2, 'foreign', 'vpc-00000000000000001')
  const many = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => makeGroup(ec2, `g${number}`)))
  const where = { DeviceIndex: 0 }
  const cases: [Partial<RunInstancesCommandInput>, string][] = [
    [
      { ImageId: 'ami-00000000000000000' },
      "InvalidAMIID.NotFound: The image id '[ami-00000000000000000]' does not exist",
    ],
    [{ ImageId: 'al2023' }, 'InvalidAMIID.Malformed: Invalid id: "al2023" (expecting "ami-...")'],
    [{ ImageId: 'resolve:ssm:/aws/service/nothing' }, 'InvalidParameterValue'],
    [
      { InstanceType: unlisted('t9.micro') },
      "InvalidParameterValue: Invalid value 't9.micro' for InstanceType.",
    ],
    [{ InstanceType: 't4g.micro' }, "InvalidParameterValue: The architecture 'arm64'"],
    [{ KeyName: 'vockey' }, "InvalidKeyPair.NotFound: The key pair 'vockey' does not exist"],
    [
      { SubnetId: 'subnet-00000000000000000' },
      "InvalidSubnetID.NotFound: The subnet ID 'subnet-00000000000000000' does",
    ],
    [
      { SecurityGroupIds: ['sg-00000000000000000'] },
      "InvalidGroup.NotFound: The security group 'sg-00000000000000000'",
    ],
    [{ SecurityGroupIds: ['web'] }, 'InvalidGroupId.Malformed'],
    [{ SecurityGroupIds: [foreign] }, `InvalidParameter: Security group ${foreign} and subnet subnet-`],
    [{ SecurityGroupIds: many }, 'SecurityGroupsPerInterfaceLimitExceeded'],
    [
      { SubnetId: await subnetIn(cloud, 'us-east-1e') },
      'Unsupported: Your requested instance type (t3.micro) is not',
    ],
    [
      { NetworkInterfaces: [where], SecurityGroupIds: [many[0] ?? ''] },
      'InvalidParameterCombination: Network interfaces and an instance-level security groups',
    ],
    [
      { NetworkInterfaces: [where], SubnetId: 'subnet-1' },
      'InvalidParameterCombination: Network interfaces and an instance-level subnet ID',
    ],
    [
      { BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 4 } }] },
      'InvalidBlockDeviceMapping: Volume of size 4GB is smaller',
    ],
    [{ MinCount: 3 }, 'InvalidParameterValue'],
    [{ MinCount: 10, MaxCount: 10 }, 'InstanceLimitExceeded'],
    [{ UserData: 'not base64!' }, 'InvalidParameterValue: Invalid BASE64 encoding of user data.'],
    [
      { InstanceMarketOptions: { MarketType: 'spot' } },
      'UnsupportedOperation: The practice cloud does not support the parameter InstanceMarketOptions',
    ],
    [
      { TagSpecifications: [{ ResourceType: 'vpc', Tags: [] }] },
      "InvalidParameterValue: 'vpc' is not a valid taggable",
    ],
  ]
  for (const [wish, expected] of cases) {
    const answer = await refusal(ec2.send(runInstances(wish)))
    expect(answer.slice(0, expected.length)).toBe(expected)
  }
  expect((await ec2.send(new DescribeInstancesCommand({}))).Reservations).toEqual([])
  expect(region.volumes).toEqual([])
})

test('a device that is not the root is a second, empty volume', async () => {
  await using cloud = await openCloud()
  const Ebs = { VolumeSize: 30 }
  const id = await launch(cloud.ec2(), { BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs }] })
  const { BlockDeviceMappings } = await instanceOf(cloud.ec2(), id)
  expect(BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/xvda', '/dev/sda1'])
})

test('without a default VPC a launch must say where', async () => {
  await using cloud = await openCloud()
  const region = cloud.cloud.region('us-east-1')
  Object.assign(region, { vpcs: [], subnets: [], groups: [] })
  expect(await refusal(launch(cloud.ec2()))).toMatch(/^VPCIdNotSpecified: No default VPC for this user/)
})

test('the filter for the image finds the ones with a kernel in their name, and the parameter the newest', async () => {
  await using cloud = await openCloud()
  const { Images = [] } = await cloud.ec2().send(
    new DescribeImagesCommand({
      Owners: ['amazon'],
      Filters: [
        { Name: 'name', Values: ['al2023-ami-2023.*-kernel-*-x86_64'] },
        { Name: 'architecture', Values: ['x86_64'] },
        { Name: 'state', Values: ['available'] },
      ],
    }),
  )
  expect(Images.map(({ Name }) => Name?.split('-kernel-')[1])).toEqual([
    '6.1-x86_64',
    '6.12-x86_64',
    '6.18-x86_64',
  ])
  const id = await launch(cloud.ec2(), { ImageId: IMAGE })
  expect((await instanceOf(cloud.ec2(), id)).ImageId).toBe(Images[2]?.ImageId)
})
