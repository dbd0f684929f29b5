import { createHash } from 'node:crypto'
import type { RunInstancesRequest } from '@aws-sdk/client-ec2'
import type { Instance, RegionState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'

/** Tells launches with the same parameters from others; the values can't be read out of it. */
export function digestOf({ ClientToken: _token, DryRun: _dryRun, ...rest }: RunInstancesRequest): string {
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex')
}

/** The instances that the same client token has launched already. A token holds for a zone where the request names a subnet or a zone, and for the region otherwise. */
export function launchedBefore(input: RunInstancesRequest, digest: string, region: RegionState): Instance[] {
  const token = input.ClientToken
  if (token === undefined || token === '') return []
  if (token.length > 64) {
    const text = `Value (${token}) for parameter clientToken is invalid. Invalid client token: longer than 64 characters.`
    throw new AwsError('InvalidParameterValue', text)
  }
  const subnetId = input.SubnetId ?? input.NetworkInterfaces?.[0]?.SubnetId
  const zone = region.subnets.find(({ id }) => id === subnetId)?.zone ?? input.Placement?.AvailabilityZone
  const earlier = region.instances.filter(
    (instance) => instance.clientToken === token && (zone === undefined || instance.zone === zone),
  )
  if (earlier.some(({ launchDigest }) => launchDigest !== digest)) {
    const text =
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).'
    throw new AwsError('IdempotentParameterMismatch', text)
  }
  return earlier
}
