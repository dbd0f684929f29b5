import type { RegionState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import { withIds } from './ids.ts'

const MOST_GROUPS = 5

/**
 * The ids of groups that an interface may carry together: known, of its VPC, and few enough. AWS words it
 * differently for a new interface than for one that is there when a group is of another VPC.
 */
export function groupsToAttach(
  ids: readonly string[],
  vpcId: string,
  region: RegionState,
  refusalOf: (foreignGroupId: string) => AwsError = differentNetworks,
): string[] {
  const distinct = [...new Set(ids)]
  if (distinct.length === 0) {
    throw new AwsError('InvalidParameterValue', 'An interface must have at least one security group.')
  }
  const elsewhere = withIds(region.groups, distinct, 'securityGroup').find((group) => group.vpcId !== vpcId)
  if (elsewhere !== undefined) throw refusalOf(elsewhere.id)
  if (distinct.length > MOST_GROUPS) {
    const text = 'The maximum number of security groups per interface has been reached.'
    throw new AwsError('SecurityGroupsPerInterfaceLimitExceeded', text)
  }
  return distinct
}

function differentNetworks(): AwsError {
  const text = 'You have specified two resources that belong to different networks.'
  return new AwsError('InvalidGroup.NotFound', text)
}
