import {
  CreateNetworkAclEntryCommand,
  type CreateNetworkAclEntryCommandInput,
  CreateRouteCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNetworkAclEntryCommand,
  DeleteRouteCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  ReplaceNetworkAclEntryCommand,
  ReplaceRouteCommand,
} from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { instanceOf, launch, untilState } from './lab.ts'
import { openCloud, refusal } from './support.ts'

const EVERYWHERE = '0.0.0.0/0'

async function aclOf(ec2: EC2Client) {
  const { NetworkAcls: [acl] = [] } = await ec2.send(new DescribeNetworkAclsCommand({}))
  const entries = acl?.Entries?.map(
    (entry) =>
      `${entry.Egress ? 'out' : 'in'} ${entry.RuleNumber} ${entry.RuleAction} ${entry.Protocol} ${entry.PortRange?.From ?? '*'}`,
  )
  return { id: acl?.NetworkAclId ?? '', entries }
}

async function routesOf(ec2: EC2Client) {
  const { RouteTables: [table] = [] } = await ec2.send(new DescribeRouteTablesCommand({}))
  return {
    id: table?.RouteTableId ?? '',
    routes: table?.Routes?.map((route) => `${route.DestinationCidrBlock} ${route.GatewayId}`),
  }
}

async function gatewayOf(ec2: EC2Client): Promise<string> {
  const { InternetGateways: [gateway] = [] } = await ec2.send(new DescribeInternetGatewaysCommand({}))
  return gateway?.InternetGatewayId ?? ''
}

test('entries of a network ACL are added, replaced and deleted by direction and number', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { id } = await aclOf(ec2)
  const entry = {
    NetworkAclId: id,
    Egress: false,
    RuleNumber: 50,
    Protocol: 'tcp',
    RuleAction: 'deny',
    CidrBlock: EVERYWHERE,
    PortRange: { From: 22, To: 22 },
  } as const
  await ec2.send(new CreateNetworkAclEntryCommand(entry))
  expect((await aclOf(ec2)).entries).toEqual([
    'out 100 allow -1 *',
    'out 32767 deny -1 *',
    'in 50 deny 6 22',
    'in 100 allow -1 *',
    'in 32767 deny -1 *',
  ])
  await ec2.send(new ReplaceNetworkAclEntryCommand({ ...entry, RuleAction: 'allow' }))
  expect((await aclOf(ec2)).entries).toContain('in 50 allow 6 22')
  await ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: id, Egress: false, RuleNumber: 50 }))
  expect((await aclOf(ec2)).entries).not.toContain('in 50 allow 6 22')
})

test('an impossible network ACL is refused in the words of EC2', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { id } = await aclOf(ec2)
  const create = (wish: Partial<CreateNetworkAclEntryCommandInput>) =>
    refusal(
      ec2.send(
        new CreateNetworkAclEntryCommand({
          NetworkAclId: id,
          Egress: false,
          RuleNumber: 7,
          Protocol: '-1',
          RuleAction: 'deny',
          CidrBlock: EVERYWHERE,
          ...wish,
        }),
      ),
    )
  const remove = (RuleNumber: number) =>
    refusal(ec2.send(new DeleteNetworkAclEntryCommand({ NetworkAclId: id, Egress: false, RuleNumber })))
  expect(await create({ RuleNumber: 100 })).toBe(
    'NetworkAclEntryAlreadyExists: The network acl entry identified by 100 already exists.',
  )
  expect(await create({ NetworkAclId: 'acl-00000000000000000' })).toMatch(/^InvalidNetworkAclID\.NotFound/)
  expect(await create({ RuleNumber: 32_767 })).toMatch(/^InvalidParameterValue/)
  expect(await create({ Protocol: 'tpc' })).toMatch(/^InvalidParameterValue/)
  expect(await create({ Protocol: '6' })).toMatch(/^MissingParameter: .*portRange/)
  expect(await create({ CidrBlock: '10.0.0.0' })).toMatch(/^InvalidParameterValue/)
  expect(await remove(50)).toMatch(/^InvalidNetworkAclEntry\.NotFound/)
  expect(await remove(32_767)).toMatch(/^InvalidParameterValue/)
})

test('a network ACL holds twenty entries in each direction', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { id } = await aclOf(ec2)
  const create = (RuleNumber: number) =>
    ec2.send(
      new CreateNetworkAclEntryCommand({
        NetworkAclId: id,
        Egress: true,
        RuleNumber,
        Protocol: '-1',
        RuleAction: 'allow',
        CidrBlock: EVERYWHERE,
      }),
    )
  for (let number = 1; number < 20; number += 1) await create(number)
  expect(await refusal(create(20))).toMatch(/^NetworkAclEntryLimitExceeded/)
})

test('the default route is deleted, made again and replaced', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { id } = await routesOf(ec2)
  const gateway = await gatewayOf(ec2)
  const route = { RouteTableId: id, DestinationCidrBlock: EVERYWHERE }
  await ec2.send(new DeleteRouteCommand(route))
  expect((await routesOf(ec2)).routes).toEqual(['172.31.0.0/16 local'])
  await ec2.send(new CreateRouteCommand({ ...route, GatewayId: gateway }))
  await ec2.send(new ReplaceRouteCommand({ ...route, GatewayId: gateway }))
  expect((await routesOf(ec2)).routes).toEqual(['172.31.0.0/16 local', `${EVERYWHERE} ${gateway}`])
})

test('a route that can’t be is refused in the words of EC2', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { id } = await routesOf(ec2)
  const GatewayId = await gatewayOf(ec2)
  const create = (DestinationCidrBlock: string, gateway = GatewayId) =>
    refusal(ec2.send(new CreateRouteCommand({ RouteTableId: id, DestinationCidrBlock, GatewayId: gateway })))
  const remove = (DestinationCidrBlock: string) =>
    refusal(ec2.send(new DeleteRouteCommand({ RouteTableId: id, DestinationCidrBlock })))
  expect(await create(EVERYWHERE)).toBe(
    'RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists.',
  )
  expect(await create('10.0.0.0/8', 'igw-00000000000000000')).toMatch(/^InvalidGatewayID\.NotFound/)
  expect(await remove('10.0.0.0/8')).toBe(
    `InvalidRoute.NotFound: no route with destination-cidr-block 10.0.0.0/8 in route table ${id}`,
  )
  expect(await remove('172.31.0.0/16')).toMatch(/^InvalidParameterValue: cannot remove local route/)
})

test('a second VPC has a route table, an ACL and a group of its own, and no way to the internet', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  const VpcId = Vpc?.VpcId ?? ''
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }))
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }]
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({ Filters }))
  const { NetworkAcls } = await ec2.send(new DescribeNetworkAclsCommand({ Filters }))
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }))
  expect(Vpc).toMatchObject({ IsDefault: false, CidrBlock: '10.0.0.0/16' })
  expect(Subnet).toMatchObject({ VpcId, AvailabilityZone: 'us-east-1a', MapPublicIpOnLaunch: false })
  expect(RouteTables?.flatMap(({ Routes = [] }) => Routes.map(({ GatewayId }) => GatewayId))).toEqual([
    'local',
  ])
  expect(NetworkAcls?.[0]?.Associations?.map(({ SubnetId }) => SubnetId)).toEqual([Subnet?.SubnetId])
  expect(SecurityGroups?.map(({ GroupName }) => GroupName)).toEqual(['default'])
})

test('a VPC or subnet that can’t be is refused in the words of EC2', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const vpc = (CidrBlock: string) => refusal(ec2.send(new CreateVpcCommand({ CidrBlock })))
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  const subnet = (CidrBlock: string, AvailabilityZone = 'us-east-1a') =>
    refusal(ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone })))
  expect(await vpc('10.0.0.0/8')).toMatch(/^InvalidVpc\.Range/)
  expect(await subnet('10.1.0.0/24')).toMatch(/^InvalidSubnet\.Range/)
  expect(await subnet('10.0.1.0/24', 'us-east-1x')).toMatch(/^InvalidParameterValue/)
  expect(await subnet('10.0.1.0/24')).toBe('accepted')
  expect(await subnet('10.0.0.0/23')).toBe(
    "InvalidSubnet.Conflict: The CIDR '10.0.0.0/23' conflicts with another subnet",
  )
  for (const third of ['10.1.0.0/16', '10.2.0.0/16', '10.3.0.0/16']) expect(await vpc(third)).toBe('accepted')
  expect(await vpc('10.4.0.0/16')).toMatch(/^VpcLimitExceeded/)
})

test('the public address of a running instance is taken from its interface, and given anew', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await launch(ec2)
  const { PublicIpAddress: first } = await untilState(ec2, id, 'running')
  const { NetworkInterfaces: [card] = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}))
  const associate = (AssociatePublicIpAddress: boolean) =>
    ec2.send(
      new ModifyNetworkInterfaceAttributeCommand({
        NetworkInterfaceId: card?.NetworkInterfaceId,
        AssociatePublicIpAddress,
      }),
    )
  await associate(false)
  expect((await instanceOf(ec2, id)).PublicIpAddress).toBeUndefined()
  await associate(true)
  const { PublicIpAddress: second } = await instanceOf(ec2, id)
  expect(second).toMatch(/^198\.51\.100\./)
  expect(second).not.toBe(first)
})
