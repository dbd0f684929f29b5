import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest } from '@aws-sdk/client-ec2'
import { cidrContains } from '../../net/firewall.ts'
import type { RegionState, Subnet } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { takenAddresses } from './addresses.ts'
import { groupsToAttach } from './group-lists.ts'
import { withId } from './ids.ts'
import { zonesOffering } from './instance-types.ts'
import { groupMeant } from './security-groups.ts'
import { defaultVpc } from './vpcs.ts'

export interface LaunchNetwork {
  readonly subnet: Subnet
  readonly groupIds: string[]
  readonly hasPublicAddress: boolean
  readonly privateAddress: string | undefined
}

/** Where a launch puts its instances, asked either of the instance or of its one network interface. */
export function launchNetwork(input: RunInstancesRequest, type: string, call: Call): LaunchNetwork {
  const { region } = call
  const asked = interfaceAsked(input)
  const subnet = subnetFor(asked.SubnetId, input, type, call)
  const groupIds =
    asked.Groups ?? input.SecurityGroups?.map((name) => groupMeant({ GroupName: name }, region).id)
  return {
    subnet,
    groupIds:
      groupIds === undefined
        ? [defaultGroup(subnet, region)]
        : groupsToAttach(groupIds, subnet.vpcId, region, (id) => otherNetwork(id, subnet)),
    hasPublicAddress: asked.AssociatePublicIpAddress ?? subnet.mapPublicIp,
    privateAddress: freeAddressAsked(asked.PrivateIpAddress, subnet, region),
  }
}

function otherNetwork(groupId: string, subnet: Subnet): AwsError {
  const text = `Security group ${groupId} and subnet ${subnet.id} belong to different networks.`
  return new AwsError('InvalidParameter', text)
}

function interfaceAsked(input: RunInstancesRequest): InstanceNetworkInterfaceSpecification {
  const [asked, second] = input.NetworkInterfaces ?? []
  if (asked === undefined) {
    const { SubnetId, SecurityGroupIds: Groups, PrivateIpAddress } = input
    return { SubnetId, Groups, PrivateIpAddress }
  }
  refuseInstanceLevel(input)
  if (second !== undefined || asked.DeviceIndex !== 0) {
    const text = 'The practice cloud gives an instance one network interface, with the device index 0.'
    throw new AwsError('UnsupportedOperation', text)
  }
  refuseUnsupported(asked, supported)
  return asked
}

const supported = [
  'AssociatePublicIpAddress',
  'DeleteOnTermination',
  'Description',
  'DeviceIndex',
  'Groups',
  'InterfaceType',
  'NetworkCardIndex',
  'PrivateIpAddress',
  'SubnetId',
]

function refuseInstanceLevel(input: RunInstancesRequest): void {
  const twice = [
    { given: input.SubnetId, name: 'subnet ID' },
    { given: input.SecurityGroupIds ?? input.SecurityGroups, name: 'security groups' },
    { given: input.PrivateIpAddress, name: 'private address' },
  ].find(({ given }) => given !== undefined)
  if (twice === undefined) return
  const text = `Network interfaces and an instance-level ${twice.name} may not be specified on the same request`
  throw new AwsError('InvalidParameterCombination', text)
}

function subnetFor(id: string | undefined, input: RunInstancesRequest, type: string, call: Call): Subnet {
  const { region, regionName } = call
  const offering = zonesOffering(type, regionName)
  const zone = input.Placement?.AvailabilityZone
  const subnet =
    id === undefined ? defaultSubnet(zone, offering, region) : withId(region.subnets, id, 'subnet')
  if (zone !== undefined && subnet.zone !== zone) {
    const text = `Value (${zone}) for parameter availabilityZone is invalid. The subnet '${subnet.id}' is in ${subnet.zone}.`
    throw new AwsError('InvalidParameterValue', text)
  }
  if (offering.includes(subnet.zone)) return subnet
  const text = `Your requested instance type (${type}) is not supported in your requested Availability Zone (${subnet.zone}). Please retry your request by not specifying an Availability Zone or choosing ${offering.join(', ')}.`
  throw new AwsError('Unsupported', text)
}

function defaultSubnet(zone: string | undefined, offering: readonly string[], region: RegionState): Subnet {
  const vpc = defaultVpc(region)
  const subnets = region.subnets.filter(({ vpcId, defaultForZone }) => vpcId === vpc.id && defaultForZone)
  const subnet = subnets.find((candidate) =>
    zone === undefined ? offering.includes(candidate.zone) : candidate.zone === zone,
  )
  if (subnet !== undefined) return subnet
  const where = zone === undefined ? '' : ` in the Availability Zone '${zone}'`
  const text = `No subnets found for the default VPC '${vpc.id}'${where}. Please specify a subnet.`
  throw new AwsError('MissingInput', text)
}

function defaultGroup(subnet: Subnet, region: RegionState): string {
  const group = region.groups.find(({ name, vpcId }) => name === 'default' && vpcId === subnet.vpcId)
  if (group === undefined) throw new Error(`the VPC ${subnet.vpcId} has no default security group`)
  return group.id
}

function freeAddressAsked(
  address: string | undefined,
  subnet: Subnet,
  region: RegionState,
): string | undefined {
  if (address === undefined) return undefined
  if (!cidrContains(subnet.cidr, address)) {
    const text = `Address ${address} does not fall within the subnet's address range`
    throw new AwsError('InvalidParameterValue', text)
  }
  if (!takenAddresses(region, subnet).includes(address)) return address
  throw new AwsError('InvalidIPAddress.InUse', `Address ${address} is in use.`)
}
