import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  GroupIdentifier,
  ModifyNetworkInterfaceAttributeRequest,
  NetworkInterface,
} from '@aws-sdk/client-ec2'
import { cidrContains } from '../../net/firewall.ts'
import type { Database, Instance, RegionState, Tags } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { freePublicAddress } from './addresses.ts'
import { type Fields, select } from './filters.ts'
import { groupsToAttach } from './group-lists.ts'
import { withId, withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { tagListOf } from './tag-lists.ts'

interface Interface {
  readonly id: string
  readonly answer: NetworkInterface
  readonly tags: Tags
  readonly instance: Instance | undefined
}

/** The interfaces of a region. None exists for itself: each belongs to an instance or to a database. */
function interfacesOf(region: RegionState, account: string): Interface[] {
  return [
    ...region.instances
      .filter(({ state }) => state !== 'terminated')
      .map((instance) => instanceInterface(instance, region, account)),
    ...region.databases.map((database) => databaseInterface(database, region, account)),
  ]
}

export function describeNetworkInterfaces(
  input: DescribeNetworkInterfacesRequest,
  { region, cloud }: Call,
): DescribeNetworkInterfacesResult {
  const all = interfacesOf(region, cloud.state.account)
  const interfaces = withIds(all, input.NetworkInterfaceIds, 'networkInterface')
  const asked = select(interfaces, input.Filters, fields, ({ tags }) => tags)
  const { items, nextToken } = pageOf(asked, input)
  return { NetworkInterfaces: items.map(({ answer }) => answer), NextToken: nextToken }
}

const fields: Fields<Interface> = {
  'addresses.private-ip-address': ({ answer }) => answer.PrivateIpAddress,
  'association.public-ip': ({ answer }) => answer.Association?.PublicIp,
  'attachment.instance-id': ({ answer }) => answer.Attachment?.InstanceId,
  'attachment.status': ({ answer }) => answer.Attachment?.Status,
  'availability-zone': ({ answer }) => answer.AvailabilityZone,
  description: ({ answer }) => answer.Description,
  'group-id': ({ answer }) => answer.Groups?.map(({ GroupId: id }) => id),
  'group-name': ({ answer }) => answer.Groups?.map(({ GroupName: name }) => name),
  'interface-type': ({ answer }) => answer.InterfaceType,
  'network-interface-id': ({ id }) => id,
  'owner-id': ({ answer }) => answer.OwnerId,
  'private-ip-address': ({ answer }) => answer.PrivateIpAddress,
  'requester-id': ({ answer }) => answer.RequesterId,
  'requester-managed': ({ answer }) => answer.RequesterManaged,
  status: ({ answer }) => answer.Status,
  'subnet-id': ({ answer }) => answer.SubnetId,
  'vpc-id': ({ answer }) => answer.VpcId,
}

function instanceInterface(instance: Instance, region: RegionState, account: string): Interface {
  const { publicAddress } = instance
  const answer: NetworkInterface = {
    ...common(instance, region, account),
    SubnetId: instance.subnetId,
    Description: '',
    RequesterManaged: false,
    SourceDestCheck: true,
    Association: publicAddress === undefined ? undefined : { IpOwnerId: 'amazon', PublicIp: publicAddress },
    Attachment: {
      AttachmentId: instance.interfaceId.replace('eni-', 'eni-attach-'),
      AttachTime: new Date(instance.launchedAt),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      InstanceId: instance.id,
      InstanceOwnerId: account,
      NetworkCardIndex: 0,
      Status: 'attached',
    },
    TagSet: tagListOf(instance.interfaceTags),
  }
  return { id: instance.interfaceId, answer, tags: instance.interfaceTags, instance }
}

function databaseInterface(database: Database, region: RegionState, account: string): Interface {
  const subnet = region.subnets.find(
    ({ vpcId, cidr }) => vpcId === database.vpcId && cidrContains(cidr, database.privateAddress),
  )
  const answer: NetworkInterface = {
    ...common(database, region, account),
    SubnetId: subnet?.id,
    Description: 'RDSNetworkInterface',
    RequesterId: 'amazon-rds',
    RequesterManaged: true,
    SourceDestCheck: true,
    Attachment: {
      AttachmentId: database.interfaceId.replace('eni-', 'ela-attach-'),
      AttachTime: new Date(database.createdAt),
      DeleteOnTermination: false,
      DeviceIndex: 1,
      InstanceOwnerId: 'amazon-rds',
      Status: 'attached',
    },
    TagSet: [],
  }
  return { id: database.interfaceId, answer, tags: {}, instance: undefined }
}

type Attached = Pick<Instance, 'interfaceId' | 'zone' | 'vpcId' | 'privateAddress' | 'groupIds'>

function common(of: Attached, region: RegionState, account: string): NetworkInterface {
  return {
    NetworkInterfaceId: of.interfaceId,
    InterfaceType: 'interface',
    AvailabilityZone: of.zone,
    OwnerId: account,
    VpcId: of.vpcId,
    Status: 'in-use',
    MacAddress: macAddress(of.interfaceId),
    PrivateIpAddress: of.privateAddress,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: of.privateAddress }],
    Ipv6Addresses: [],
    Groups: groupIdentifiers(of.groupIds, region),
  }
}

export function groupIdentifiers(groupIds: readonly string[], region: RegionState): GroupIdentifier[] {
  return groupIds.map((id) => ({
    GroupId: id,
    GroupName: region.groups.find((group) => group.id === id)?.name,
  }))
}

/** A locally administered address that follows from the interface's id. */
export function macAddress(interfaceId: string): string {
  return `02:${(interfaceId.slice(-10).match(/../g) ?? []).join(':')}`
}

export function modifyNetworkInterfaceAttribute(
  input: ModifyNetworkInterfaceAttributeRequest,
  { region, cloud }: Call,
): void {
  refuseUnsupported(input, ['AssociatePublicIpAddress', 'DryRun', 'Groups', 'NetworkInterfaceId'])
  const all = interfacesOf(region, cloud.state.account)
  const { instance } = withId(all, input.NetworkInterfaceId, 'networkInterface')
  if (instance === undefined) {
    const text = 'You do not have permission to access the specified resource.'
    throw new AwsError('AuthFailure', text, 403)
  }
  const { Groups: groups, AssociatePublicIpAddress: open } = input
  if (groups === undefined && open === undefined) {
    throw new AwsError('MissingParameter', 'No attributes specified.')
  }
  if (groups !== undefined) instance.groupIds = groupsToAttach(groups, instance.vpcId, region)
  if (open === undefined) return
  instance.hasPublicAddress = open
  // A stopped instance gets its address when it starts.
  if (!open) instance.publicAddress = undefined
  else if (instance.state === 'running') instance.publicAddress ??= freePublicAddress(cloud.state)
}
