import type {
  Subnet as ApiSubnet,
  Vpc as ApiVpc,
  CreateDefaultVpcRequest,
  CreateDefaultVpcResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVpcAttributeRequest,
  DescribeVpcAttributeResult,
  DescribeVpcBlockPublicAccessOptionsRequest,
  DescribeVpcBlockPublicAccessOptionsResult,
  DescribeVpcsRequest,
  DescribeVpcsResult,
} from '@aws-sdk/client-ec2'
import { parseCidr } from '../../net/firewall.ts'
import type { RegionState, Subnet, Vpc } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { takenAddresses } from './addresses.ts'
import { addDefaultNetwork } from './default-network.ts'
import { type Fields, select } from './filters.ts'
import { withId, withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { tagListOf } from './tag-lists.ts'

const DHCP_OPTIONS = 'dopt-00000000000000001'

export function defaultVpc(region: RegionState): Vpc {
  const vpc = region.vpcs.find(({ isDefault }) => isDefault)
  if (vpc !== undefined) return vpc
  const text = 'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.'
  throw new AwsError('VPCIdNotSpecified', text)
}

export function describeVpcs(input: DescribeVpcsRequest, { region, cloud }: Call): DescribeVpcsResult {
  const asked = select(
    withIds(region.vpcs, input.VpcIds, 'vpc'),
    input.Filters,
    vpcFields,
    ({ tags }) => tags,
  )
  const { items, nextToken } = pageOf(asked, input)
  return { Vpcs: items.map((vpc) => vpcAnswer(vpc, cloud.state.account)), NextToken: nextToken }
}

const vpcFields: Fields<Vpc> = {
  cidr: (vpc) => vpc.cidr,
  'cidr-block-association.cidr-block': (vpc) => vpc.cidr,
  'dhcp-options-id': () => DHCP_OPTIONS,
  'is-default': (vpc) => vpc.isDefault,
  isDefault: (vpc) => vpc.isDefault,
  state: () => 'available',
  'vpc-id': (vpc) => vpc.id,
}

export function vpcAnswer(vpc: Vpc, account: string): ApiVpc {
  return {
    VpcId: vpc.id,
    OwnerId: account,
    CidrBlock: vpc.cidr,
    CidrBlockAssociationSet: [
      {
        AssociationId: vpc.id.replace('vpc-', 'vpc-cidr-assoc-'),
        CidrBlock: vpc.cidr,
        CidrBlockState: { State: 'associated' },
      },
    ],
    DhcpOptionsId: DHCP_OPTIONS,
    InstanceTenancy: 'default',
    IsDefault: vpc.isDefault,
    State: 'available',
    Tags: tagListOf(vpc.tags),
  }
}

export function createDefaultVpc(_input: CreateDefaultVpcRequest, call: Call): CreateDefaultVpcResult {
  const { region, regionName, cloud } = call
  if (region.vpcs.some(({ isDefault }) => isDefault)) {
    const text = 'A Default VPC already exists for this account in this region.'
    throw new AwsError('DefaultVpcAlreadyExists', text)
  }
  const vpcId = addDefaultNetwork(region, regionName)
  return { Vpc: vpcAnswer(withId(region.vpcs, vpcId, 'vpc'), cloud.state.account) }
}

export function describeVpcAttribute(
  input: DescribeVpcAttributeRequest,
  { region }: Call,
): DescribeVpcAttributeResult {
  const { id, isDefault } = withId(region.vpcs, input.VpcId, 'vpc')
  switch (input.Attribute) {
    case 'enableDnsSupport':
      return { VpcId: id, EnableDnsSupport: { Value: true } }
    case 'enableDnsHostnames':
      return { VpcId: id, EnableDnsHostnames: { Value: isDefault } }
    case 'enableNetworkAddressUsageMetrics':
      return { VpcId: id, EnableNetworkAddressUsageMetrics: { Value: false } }
    default:
      throw new AwsError(
        'InvalidParameterValue',
        `Value (${input.Attribute}) for parameter Attribute is invalid.`,
      )
  }
}

/** The practice cloud knows no other state of it: nothing there shuts all gateways of a region. */
export function describeVpcBlockPublicAccessOptions(
  _input: DescribeVpcBlockPublicAccessOptionsRequest,
  { cloud, regionName }: Call,
): DescribeVpcBlockPublicAccessOptionsResult {
  return {
    VpcBlockPublicAccessOptions: {
      AwsAccountId: cloud.state.account,
      AwsRegion: regionName,
      State: 'default-state',
      InternetGatewayBlockMode: 'off',
      ManagedBy: 'account',
      ExclusionsAllowed: 'allowed',
    },
  }
}

export function describeSubnets(input: DescribeSubnetsRequest, call: Call): DescribeSubnetsResult {
  const { region } = call
  const subnets = withIds(region.subnets, input.SubnetIds, 'subnet')
  const { items, nextToken } = pageOf(
    select(subnets, input.Filters, subnetFields, ({ tags }) => tags),
    input,
  )
  return { Subnets: items.map((subnet) => subnetAnswer(subnet, call)), NextToken: nextToken }
}

const subnetFields: Fields<Subnet> = {
  'availability-zone': (subnet) => subnet.zone,
  availabilityZone: (subnet) => subnet.zone,
  'availability-zone-id': (subnet) => subnet.zoneId,
  'cidr-block': (subnet) => subnet.cidr,
  'default-for-az': (subnet) => subnet.defaultForZone,
  'ipv6-native': () => false,
  'map-public-ip-on-launch': (subnet) => subnet.mapPublicIp,
  state: () => 'available',
  'subnet-id': (subnet) => subnet.id,
  'vpc-id': (subnet) => subnet.vpcId,
}

export function subnetAnswer(subnet: Subnet, { region, regionName, cloud }: Call): ApiSubnet {
  const { account } = cloud.state
  return {
    SubnetId: subnet.id,
    SubnetArn: `arn:aws:ec2:${regionName}:${account}:subnet/${subnet.id}`,
    VpcId: subnet.vpcId,
    OwnerId: account,
    State: 'available',
    AvailabilityZone: subnet.zone,
    AvailabilityZoneId: subnet.zoneId,
    AvailableIpAddressCount: usableAddresses(subnet) - takenAddresses(region, subnet).length,
    CidrBlock: subnet.cidr,
    DefaultForAz: subnet.defaultForZone,
    MapPublicIpOnLaunch: subnet.mapPublicIp,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    MapCustomerOwnedIpOnLaunch: false,
    Tags: tagListOf(subnet.tags),
  }
}

/** AWS keeps the first four addresses of a subnet and the last one. */
function usableAddresses(subnet: Subnet): number {
  return 2 ** (32 - (parseCidr(subnet.cidr)?.prefix ?? 32)) - 5
}
