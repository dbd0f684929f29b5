import type {
  CreateDBSubnetGroupMessage,
  CreateDBSubnetGroupResult,
  DBSubnetGroup,
  DBSubnetGroupMessage,
  DeleteDBSubnetGroupMessage,
  DescribeDBSubnetGroupsMessage,
} from '@aws-sdk/client-rds'
import type { DatabaseSubnetGroup, Subnet } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { subnetGroupArn } from './arns.ts'
import { invalidValue, subnetGroupNotFound } from './faults.ts'
import { select } from './filters.ts'
import { pageOf } from './paging.ts'
import { tagsFrom } from './tags.ts'

export function createDBSubnetGroup(
  input: CreateDBSubnetGroupMessage,
  call: Call,
): CreateDBSubnetGroupResult {
  const { region } = call
  const { DBSubnetGroupDescription: description = '', SubnetIds: ids = [] } = input
  const name = (input.DBSubnetGroupName ?? '').toLowerCase()
  if (!/^[a-z0-9 ._-]{1,255}$/.test(name) || name === 'default') {
    throw invalidValue(
      'The parameter DBSubnetGroupName must be provided and must contain only letters, numbers, spaces, periods, underscores, and hyphens, and must not be default.',
    )
  }
  if (description === '') throw invalidValue('The parameter DBSubnetGroupDescription must be provided.')
  if (region.subnetGroups.some((group) => group.name === name)) {
    const text = `The DB subnet group '${name}' already exists.`
    throw new AwsError('DBSubnetGroupAlreadyExists', text)
  }
  const subnets = [...new Set(ids)].map((id) => knownSubnet(id, region.subnets))
  const vpcId = refuseOtherVpcs(subnets)
  refuseOneZone(subnets)
  const subnetIds = subnets.map(({ id }) => id)
  const group = { name, description, vpcId, subnetIds, tags: tagsFrom(input.Tags) }
  region.subnetGroups.push(group)
  return { DBSubnetGroup: subnetGroupAnswer(group, call) }
}

function knownSubnet(id: string, subnets: readonly Subnet[]): Subnet {
  const subnet = subnets.find((candidate) => candidate.id === id)
  if (subnet !== undefined) return subnet
  throw new AwsError('InvalidSubnet', `The subnet ID '${id}' does not exist`)
}

function refuseOtherVpcs(subnets: readonly Subnet[]): string {
  const vpcIds = new Set(subnets.map(({ vpcId }) => vpcId))
  const [vpcId] = vpcIds
  if (vpcId === undefined) throw invalidValue('The parameter SubnetIds must be provided.')
  if (vpcIds.size === 1) return vpcId
  const text = `The DB subnet group must have subnets of one VPC, not of ${[...vpcIds].join(', ')}.`
  throw new AwsError('InvalidSubnet', text)
}

function refuseOneZone(subnets: readonly Subnet[]): void {
  const zones = [...new Set(subnets.map(({ zone }) => zone))]
  if (zones.length >= 2) return
  const text = `The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: ${zones.join(', ')}. Add subnets to cover at least 2 AZs.`
  throw new AwsError('DBSubnetGroupDoesNotCoverEnoughAZs', text)
}

/** A database that names no subnet group gets the group `default`, which RDS makes of the default VPC. */
export function subnetGroupFor(name: string | undefined, { region }: Call): DatabaseSubnetGroup {
  const wanted = (name ?? 'default').toLowerCase()
  const group = region.subnetGroups.find((candidate) => candidate.name === wanted)
  if (group !== undefined) return group
  const vpc = region.vpcs.find(({ isDefault }) => isDefault)
  if (wanted !== 'default' || vpc === undefined) throw subnetGroupNotFound(wanted)
  const subnets = region.subnets.filter(({ vpcId }) => vpcId === vpc.id)
  refuseOneZone(subnets)
  const made = {
    name: 'default',
    description: 'default',
    vpcId: vpc.id,
    subnetIds: subnets.map(({ id }) => id),
    tags: {},
  }
  region.subnetGroups.push(made)
  return made
}

/** The subnet of a group in which a database is: in the zone that is asked for, else in the first. */
export function subnetIn(group: DatabaseSubnetGroup, zone: string | undefined, { region }: Call): Subnet {
  const subnets = region.subnets.filter(({ id }) => group.subnetIds.includes(id))
  const subnet = subnets.find((candidate) => zone === undefined || candidate.zone === zone)
  if (subnet !== undefined) return subnet
  const zones = subnets.map((candidate) => candidate.zone).join(', ')
  const text = `The DB instance can't be created in ${zone}: the DB subnet group ${group.name} covers ${zones || 'no zone'}.`
  throw new AwsError('InvalidVPCNetworkStateFault', text)
}

export function describeDBSubnetGroups(
  input: DescribeDBSubnetGroupsMessage,
  call: Call,
): DBSubnetGroupMessage {
  const name = input.DBSubnetGroupName?.toLowerCase()
  const groups = call.region.subnetGroups.filter((group) => name === undefined || group.name === name)
  if (name !== undefined && groups.length === 0) throw subnetGroupNotFound(name)
  const { items, marker } = pageOf(select(groups, input.Filters, {}), input)
  return { DBSubnetGroups: items.map((group) => subnetGroupAnswer(group, call)), Marker: marker }
}

export function subnetGroupAnswer(group: DatabaseSubnetGroup, call: Call): DBSubnetGroup {
  return {
    DBSubnetGroupName: group.name,
    DBSubnetGroupDescription: group.description,
    DBSubnetGroupArn: subnetGroupArn(group, call),
    VpcId: group.vpcId,
    SubnetGroupStatus: 'Complete',
    SupportedNetworkTypes: ['IPV4'],
    Subnets: group.subnetIds.map((id) => ({
      SubnetIdentifier: id,
      SubnetAvailabilityZone: { Name: call.region.subnets.find((subnet) => subnet.id === id)?.zone },
      SubnetOutpost: {},
      SubnetStatus: 'Active',
    })),
  }
}

export function deleteDBSubnetGroup(input: DeleteDBSubnetGroupMessage, { region }: Call): void {
  const name = (input.DBSubnetGroupName ?? '').toLowerCase()
  if (!region.subnetGroups.some((group) => group.name === name)) throw subnetGroupNotFound(name)
  const user = region.databases.find((database) => database.subnetGroup === name)
  if (user !== undefined) {
    const text = `Cannot delete the subnet group '${name}' because at least one database instance: ${user.id} is still using it.`
    throw new AwsError('InvalidDBSubnetGroupStateFault', text)
  }
  region.subnetGroups = region.subnetGroups.filter((group) => group.name !== name)
}
