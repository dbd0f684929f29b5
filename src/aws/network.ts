import type {
  Subnet as Ec2Subnet,
  NetworkAclEntry,
  RouteTable,
  RouteTableAssociation,
} from '@aws-sdk/client-ec2'
import { LabError } from '../lab/finding.ts'
import type { AclEntry } from '../lab/firewall.ts'
import type { Network, Subnet } from '../lab/lab.ts'
import { inOtherRegion } from '../lab/other-region.ts'
import type { Cloud, NetworkSeen, RouteTableSeen } from '../lab/ports.ts'
import type { Clients } from './clients.ts'
import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
  DescribeVpcBlockPublicAccessOptionsCommand,
  DescribeVpcsCommand,
} from './sdk.ts'
import { INSTANCE_TYPE } from './servers.ts'

/** The default VPC, with its subnets classified by their route tables. */
export async function findNetwork({ ec2 }: Clients, region: string): Promise<Network> {
  const vpcId = await defaultVpc(ec2, region)
  const ofVpc = [{ Name: 'vpc-id', Values: [vpcId] }]
  const [{ Subnets = [] }, { RouteTables = [] }, { InstanceTypeOfferings = [] }] = await Promise.all([
    ec2.send(new DescribeSubnetsCommand({ Filters: ofVpc })),
    ec2.send(new DescribeRouteTablesCommand({ Filters: ofVpc })),
    ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: [INSTANCE_TYPE] }],
      }),
    ),
  ])
  const zones = new Set(InstanceTypeOfferings.map((offering) => offering.Location))
  const usable = Subnets.filter(
    (subnet) =>
      subnet.State === 'available' && !subnet.Ipv6Native && isFullZone(subnet.AvailabilityZone, region),
  )
  const databaseSubnets = usable.map(toSubnet).filter((subnet) => subnet.id !== '')
  const serverSubnets = usable
    .filter((subnet) => zones.has(subnet.AvailabilityZone) && (subnet.AvailableIpAddressCount ?? 0) > 0)
    .filter((subnet) => isPublic(subnet, RouteTables))
    .map(toSubnet)
  if (serverSubnets.length === 0) throw noPublicSubnet(vpcId, region)
  if (new Set(databaseSubnets.map((subnet) => subnet.zone)).size < 2) throw tooFewZones(vpcId, region)
  return { vpcId, serverSubnets, databaseSubnets }
}

async function defaultVpc(ec2: Clients['ec2'], region: string): Promise<string> {
  const { Vpcs = [] } = await ec2.send(
    new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }),
  )
  const [vpc] = Vpcs
  if (vpc?.VpcId !== undefined) return vpc.VpcId
  throw new LabError({
    what: `The region ${region} has no default VPC.`,
    why: 'The lab is built in it, as the handout says, and somebody has deleted it.',
    remedy: {
      say: 'Make it again (it costs nothing), then go on.',
      run: [`aws ec2 create-default-vpc --region ${region}`, 'flasklab up'],
    },
  })
}

/** How a VPC is laid out, whoever made it. */
export async function examineNetwork({ ec2 }: Clients, vpcId: string): Promise<NetworkSeen> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }]
  const [{ Subnets = [] }, { RouteTables = [] }, { NetworkAcls = [] }] = await Promise.all([
    ec2.send(new DescribeSubnetsCommand({ Filters })),
    ec2.send(new DescribeRouteTablesCommand({ Filters })),
    ec2.send(new DescribeNetworkAclsCommand({ Filters })),
  ])
  return {
    subnets: Subnets.map((subnet) => ({ ...toSubnet(subnet), cidr: subnet.CidrBlock ?? '' })),
    routeTables: RouteTables.map(toRouteTable),
    acls: NetworkAcls.map((acl) => ({
      id: acl.NetworkAclId ?? '',
      subnetIds: (acl.Associations ?? []).map((association) => association.SubnetId ?? ''),
      entries: (acl.Entries ?? []).map(toAclEntry),
    })),
  }
}

function toRouteTable({ RouteTableId, Associations = [], Routes = [] }: RouteTable): RouteTableSeen {
  return {
    id: RouteTableId ?? '',
    isMain: Associations.some((association) => association.Main === true),
    subnetIds: Associations.flatMap(({ SubnetId }) => (SubnetId === undefined ? [] : [SubnetId])),
    routes: Routes.map((route) => ({
      destination: route.DestinationCidrBlock ?? '',
      target: route.GatewayId ?? route.NatGatewayId ?? route.NetworkInterfaceId ?? '',
      isActive: route.State === 'active',
    })),
  }
}

function toAclEntry(entry: NetworkAclEntry): AclEntry {
  const { From: fromPort, To: toPort } = entry.PortRange ?? {}
  return {
    number: entry.RuleNumber ?? 0,
    egress: entry.Egress === true,
    protocol: entry.Protocol ?? '-1',
    allow: entry.RuleAction === 'allow',
    cidr: entry.CidrBlock ?? '',
    ...(fromPort === undefined ? {} : { fromPort }),
    ...(toPort === undefined ? {} : { toPort }),
  }
}

export async function internetGateway({ ec2 }: Clients, vpcId: string): Promise<string | undefined> {
  const Filters = [{ Name: 'attachment.vpc-id', Values: [vpcId] }]
  const { InternetGateways = [] } = await ec2.send(new DescribeInternetGatewaysCommand({ Filters }))
  return InternetGateways[0]?.InternetGatewayId
}

export async function blockedAccess({ ec2 }: Clients): ReturnType<Cloud['blockedAccess']> {
  const { VpcBlockPublicAccessOptions } = await ec2.send(new DescribeVpcBlockPublicAccessOptionsCommand({}))
  return VpcBlockPublicAccessOptions?.InternetGatewayBlockMode
}

/** A subnet is public by its route table: its own, else the VPC's main one, leads to an internet gateway. */
function isPublic(subnet: Ec2Subnet, tables: readonly RouteTable[]): boolean {
  const associated = (check: (association: RouteTableAssociation) => boolean) =>
    tables.find((table) => table.Associations?.some(check))
  const table =
    associated((association) => association.SubnetId === subnet.SubnetId) ??
    associated((association) => association.Main === true)
  return (
    table?.Routes?.some(
      (route) =>
        route.DestinationCidrBlock === '0.0.0.0/0' &&
        route.GatewayId?.startsWith('igw-') &&
        route.State === 'active',
    ) ?? false
  )
}

/** `us-east-1a`, not a local zone such as `us-east-1-bos-1a`, where RDS and t3.micro are not to be had. */
function isFullZone(zone: string | undefined, region: string): boolean {
  return zone?.length === region.length + 1
}

function toSubnet({ SubnetId = '', AvailabilityZone = '' }: Ec2Subnet): Subnet {
  return { id: SubnetId, zone: AvailabilityZone }
}

function noPublicSubnet(vpcId: string, region: string): LabError {
  return new LabError({
    what: `The default VPC ${vpcId} in ${region} has no public subnet that offers ${INSTANCE_TYPE}.`,
    why: 'Without a route to an internet gateway nobody could reach the server.',
    remedy: {
      say: `Give the route table of its subnets the route 0.0.0.0/0 to its internet gateway again (in the console: VPC, Route tables, those of ${vpcId}, Edit routes), or use another region.`,
      run: [`flasklab up ${inOtherRegion(region)}`],
    },
  })
}

function tooFewZones(vpcId: string, region: string): LabError {
  return new LabError({
    what: `The default VPC ${vpcId} in ${region} has subnets in fewer than two zones.`,
    why: 'RDS wants two, even for a database in one.',
    remedy: {
      say: 'Add a default subnet in another zone, or use another region.',
      run: [`aws ec2 create-default-subnet --region ${region} --availability-zone ${region}b`],
    },
  })
}
