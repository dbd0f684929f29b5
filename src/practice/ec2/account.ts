import type {
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeAddressesRequest,
  DescribeAddressesResult,
  ReleaseAddressRequest,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { select } from './filters.ts'

/** The practice cloud has no Elastic IP addresses: nothing in the lab allocates one. */
export function describeAddresses(input: DescribeAddressesRequest): DescribeAddressesResult {
  const [allocation] = input.AllocationIds ?? []
  if (allocation !== undefined) throw allocationNotFound(allocation)
  const [address] = input.PublicIps ?? []
  if (address !== undefined) throw new AwsError('InvalidAddress.NotFound', `Address '${address}' not found.`)
  select([], input.Filters, fields, () => ({}))
  return { Addresses: [] }
}

const none = () => undefined
const fields = {
  'allocation-id': none,
  'association-id': none,
  domain: none,
  'instance-id': none,
  'network-interface-id': none,
  'private-ip-address': none,
  'public-ip': none,
}

/** Always refuses: the practice cloud has no Elastic IP addresses. */
export function releaseAddress(input: ReleaseAddressRequest): void {
  if (input.AllocationId !== undefined) throw allocationNotFound(input.AllocationId)
  throw new AwsError('InvalidAddress.NotFound', `Address '${input.PublicIp}' not found.`)
}

function allocationNotFound(id: string): AwsError {
  return new AwsError('InvalidAllocationID.NotFound', `The allocation ID '${id}' does not exist`)
}

export function describeAccountAttributes(
  input: DescribeAccountAttributesRequest,
  { region }: Call,
): DescribeAccountAttributesResult {
  const attributes: Record<string, string> = {
    'default-vpc': region.vpcs.find(({ isDefault }) => isDefault)?.id ?? 'none',
    'max-instances': '20',
    'supported-platforms': 'VPC',
    'vpc-max-security-groups-per-interface': '5',
  }
  const names: readonly string[] = input.AttributeNames ?? Object.keys(attributes)
  const unknown = names.find((name) => attributes[name] === undefined)
  if (unknown !== undefined) throw new AwsError('InvalidParameterValue', `Unknown attribute name: ${unknown}`)
  return {
    AccountAttributes: names.map((name) => ({
      AttributeName: name,
      AttributeValues: [{ AttributeValue: attributes[name] }],
    })),
  }
}
