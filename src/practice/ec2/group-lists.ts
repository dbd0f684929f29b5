import type { RegionState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import { withIds } from './ids.ts'

const MOST_GROUPS = 5

/** The ids of groups that an interface may carry together: known, of its VPC, and few enough. */
export function groupsToAttach(ids: readonly string[], vpcId: string, region: RegionState): string[] {
  const distinct = [...new Set(ids)]
  if (distinct.length === 0) {
    throw new AwsError('InvalidParameterValue', 'An interface must have at least one security group.')
  }
  const elsewhere = withIds(region.groups, distinct, 'securityGroup').find((group) => group.vpcId !== vpcId)
  if (elsewhere !== undefined) {
    const text = `Security group ${elsewhere.id} and subnet belong to different networks.`
    throw new AwsError('InvalidGroup.NotFound', text)
  }
  if (distinct.length > MOST_GROUPS) {
    const text = 'The maximum number of security groups per interface has been reached.'
    throw new AwsError('SecurityGroupsPerInterfaceLimitExceeded', text)
  }
  return distinct
}
