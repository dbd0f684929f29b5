import type {
  Subnet as Ec2Subnet,
  NetworkAclEntry,
  RouteTable,
  RouteTableAssociation,
} from '@aws-sdk/client-ec2'
import { type Aws, aws, flasklab } from '../lab/command.ts'
import { type Finding, LabError } from '../lab/finding.ts'
import type { Network, Subnet } from '../lab/lab.ts'
import { upInOtherRegion } from '../lab/other-region.ts'
import type { Cloud } from '../lab/ports/cloud.ts'
import type { NetworkSeen, RouteTableSeen } from '../lab/ports/network.ts'

import type { AclEntry } from '../net/firewall.ts'
import type { Clients } from './clients.ts'
import { noDefaultVpc } from './error-findings.ts'
import { means } from './error-meanings.ts'
import { routeTablesOf, subnetsOf } from './lists.ts'
import {
  DescribeInstanceTypeOfferingsCommand,
  DescribeInternetGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeVpcBlockPublicAccessOptionsCommand,
  DescribeVpcsCommand,
} from './sdk.ts'
import { INSTANCE_TYPE } from './servers.ts'

/** The default VPC, with its subnets classified by their route tables. */
export async function findNetwork(clients: Clients, region: string): Promise<Network> {
  const vpcId = await defaultVpc(clients, region)
  const [subnets, routeTables, zones] = await Promise.all([
    subnetsOf(clients, vpcId),
    routeTablesOf(clients, vpcId),
    zonesWithServers(clients),
  ])
  const usable = subnets.filter(
    (subnet) =>
      subnet.State === 'available' && !subnet.Ipv6Native && isFullZone(subnet.AvailabilityZone, region),
  )
  const databaseSubnets = usable.map(toSubnet).filter((subnet) => subnet.id !== '')
  const offering = usable.filter(({ AvailabilityZone = '' }) => zones?.has(AvailabilityZone) ?? true)
  const withAddresses = offering.filter((subnet) => (subnet.AvailableIpAddressCount ?? 0) > 0)
  const serverSubnets = withAddresses.filter((subnet) => isPublic(subnet, routeTables)).map(toSubnet)
  const taken = new Set(databaseSubnets.map((subnet) => subnet.zone))
  const free = [...(zones ?? [])].find((zone) => !taken.has(zone)) ?? `${region}b`
  const vpc = `The default VPC ${vpcId} in ${region}`
  if (offering.length === 0) throw nowhereToRun(vpc, [...taken], region, free)
  if (withAddresses.length === 0) throw noAddresses(vpc, offering, region)
  if (serverSubnets.length === 0) throw noPublicSubnet(vpc, region)
  if (taken.size < 2) throw tooFewZones(vpc, region, free)
  return { vpcId, serverSubnets, databaseSubnets }
}

/** Undefined where these credentials may not ask: then the launch itself must tell. */
async function zonesWithServers({ ec2, once }: Clients): Promise<ReadonlySet<string> | undefined> {
  try {
    const command = new DescribeInstanceTypeOfferingsCommand({
      LocationType: 'availability-zone',
      Filters: [{ Name: 'instance-type', Values: [INSTANCE_TYPE] }],
    })
    const { InstanceTypeOfferings = [] } = await once('offerings', () => ec2.send(command))
    return new Set(InstanceTypeOfferings.map(({ Location = '' }) => Location))
  } catch (error) {
    if (means(error, 'denied')) return undefined
    throw error
  }
}

async function defaultVpc({ ec2, once }: Clients, region: string): Promise<string> {
  const command = new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] })
  const { Vpcs = [] } = await once('default VPC', () => ec2.send(command))
  const [vpc] = Vpcs
  if (vpc?.VpcId !== undefined) return vpc.VpcId
  const why = 'The lab is built in it, as the handout says, and somebody has deleted it.'
  throw noNetwork(noDefaultVpc(why, region, undefined))
}

/** How a VPC is laid out, whoever made it. */
export async function examineNetwork(clients: Clients, vpcId: string): Promise<NetworkSeen> {
  const Filters = [{ Name: 'vpc-id', Values: [vpcId] }]
  const [subnets, routeTables, { NetworkAcls = [] }] = await Promise.all([
    subnetsOf(clients, vpcId),
    routeTablesOf(clients, vpcId),
    clients.ec2.send(new DescribeNetworkAclsCommand({ Filters })),
  ])
  return {
    subnets: subnets.map((subnet) => ({ ...toSubnet(subnet), cidr: subnet.CidrBlock ?? '' })),
    routeTables: routeTables.map(toRouteTable),
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

function noNetwork(finding: Finding): LabError {
  return new LabError(finding, { code: 'no-network' })
}

function nowhereToRun(vpc: string, zones: readonly string[], region: string, free: string): LabError {
  return noNetwork({
    what: `${vpc} has no subnet in a zone that offers ${INSTANCE_TYPE}.`,
    why:
      zones.length === 0
        ? 'It has no subnet at all that could be used.'
        : `It has some in ${zones.join(', ')} only.`,
    remedy: {
      say: 'Add a default subnet in another zone (it costs nothing), or use another region.',
      run: [addSubnet(region, free), flasklab('up'), upInOtherRegion(region)],
    },
  })
}

function noAddresses(vpc: string, subnets: readonly Ec2Subnet[], region: string): LabError {
  return noNetwork({
    what: `${vpc} has no address left for the server.`,
    why: `Its subnets are full: ${subnets.map(({ SubnetId }) => SubnetId).join(', ')}.`,
    remedy: {
      say: 'Delete what is no longer needed, or use another region.',
      run: [upInOtherRegion(region)],
    },
  })
}

function noPublicSubnet(vpc: string, region: string): LabError {
  return noNetwork({
    what: `${vpc} has no public subnet that offers ${INSTANCE_TYPE}.`,
    why: 'Without a route to an internet gateway nobody could reach the server.',
    remedy: {
      say: 'Give the route table of its subnets the route 0.0.0.0/0 to its internet gateway again (in the console: VPC, Route tables, those of the VPC, Edit routes), or use another region.',
      run: [upInOtherRegion(region)],
    },
  })
}

function tooFewZones(vpc: string, region: string, free: string): LabError {
  return noNetwork({
    what: `${vpc} has subnets in fewer than two zones.`,
    why: 'RDS wants two, even for a database in one.',
    remedy: {
      say: 'Add a default subnet in another zone, or use another region.',
      run: [addSubnet(region, free), flasklab('up'), upInOtherRegion(region)],
    },
  })
}

function addSubnet(region: string, zone: string): Aws {
  return aws(region, 'ec2', 'create-default-subnet', { 'availability-zone': zone })
}
