import type {
  CreateSubnetRequest,
  CreateSubnetResult,
  CreateVpcRequest,
  CreateVpcResult,
} from '@aws-sdk/client-ec2'
import { cidrContains, parseCidr } from '../../net/firewall.ts'
import { newId } from '../cloud.ts'
import type { RegionState, Subnet, Vpc } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { canonicalCidr } from './cidr.ts'
import { addVpc } from './default-network.ts'
import { withId } from './ids.ts'
import { zonesOf } from './regions.ts'
import { tagsByType } from './tag-lists.ts'
import { subnetAnswer, vpcAnswer } from './vpcs.ts'

const MOST_VPCS = 5

/** A VPC as AWS makes it: with a main route table, a network ACL and a group, and no way to the internet. */
export function createVpc(input: CreateVpcRequest, { region, cloud }: Call): CreateVpcResult {
  refuseUnsupported(input, ['CidrBlock', 'DryRun', 'TagSpecifications'])
  const cidr = blockOf(input.CidrBlock, 'InvalidVpc.Range')
  if (region.vpcs.length >= MOST_VPCS) {
    throw new AwsError('VpcLimitExceeded', 'The maximum number of VPCs has been reached.')
  }
  const { vpc: tags } = tagsByType(input.TagSpecifications, ['vpc'])
  const vpc = addVpc(region, { id: newId('vpc'), cidr, isDefault: false, tags })
  return { Vpc: vpcAnswer(vpc, cloud.state.account) }
}

export function createSubnet(input: CreateSubnetRequest, call: Call): CreateSubnetResult {
  const { region, regionName } = call
  refuseUnsupported(input, ['AvailabilityZone', 'CidrBlock', 'DryRun', 'TagSpecifications', 'VpcId'])
  const vpc = withId(region.vpcs, input.VpcId, 'vpc')
  const cidr = blockOf(input.CidrBlock, 'InvalidSubnet.Range')
  refuseOutside(cidr, vpc)
  refuseOverlap(cidr, vpc, region)
  const zones = zonesOf(regionName)
  const zone = zones.find(({ name }) => name === (input.AvailabilityZone ?? zones[0]?.name))
  if (zone === undefined) {
    const text = `Value (${input.AvailabilityZone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.map(({ name }) => name).join(', ')}.`
    throw new AwsError('InvalidParameterValue', text)
  }
  const { subnet: tags } = tagsByType(input.TagSpecifications, ['subnet'])
  const subnet: Subnet = {
    id: newId('subnet'),
    vpcId: vpc.id,
    cidr,
    zone: zone.name,
    zoneId: zone.id,
    defaultForZone: false,
    mapPublicIp: false,
    tags,
  }
  region.subnets.push(subnet)
  region.networkAcls.find((acl) => acl.vpcId === vpc.id && acl.isDefault)?.subnetIds.push(subnet.id)
  return { Subnet: subnetAnswer(subnet, call) }
}

function blockOf(text = '', outOfRange: string): string {
  const cidr = canonicalCidr(text)
  const prefix = parseCidr(cidr)?.prefix ?? 0
  if (prefix >= 16 && prefix <= 28) return cidr
  throw new AwsError(outOfRange, `The CIDR '${text}' is invalid.`)
}

function refuseOutside(cidr: string, vpc: Vpc): void {
  const [own, whole] = [parseCidr(cidr), parseCidr(vpc.cidr)]
  if (own && whole && own.prefix >= whole.prefix && cidrContains(vpc.cidr, addressOf(cidr))) return
  throw new AwsError('InvalidSubnet.Range', `The CIDR '${cidr}' is invalid.`)
}

function refuseOverlap(cidr: string, vpc: Vpc, region: RegionState): void {
  const overlaps = (other: Subnet) =>
    cidrContains(other.cidr, addressOf(cidr)) || cidrContains(cidr, addressOf(other.cidr))
  if (!region.subnets.some((subnet) => subnet.vpcId === vpc.id && overlaps(subnet))) return
  throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidr}' conflicts with another subnet`)
}

function addressOf(cidr: string): string {
  return cidr.split('/')[0] ?? ''
}
