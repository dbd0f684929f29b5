import type {
  _InstanceType,
  ArchitectureType,
  DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypeOfferingsResult,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
  InstanceTypeOffering,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { pageOf } from './paging.ts'
import { zonesOf } from './regions.ts'

export interface InstanceType {
  readonly name: _InstanceType
  readonly cores: number
  readonly memoryMib: number
  readonly architecture: ArchitectureType
  readonly freeTier: boolean
}

const types: readonly InstanceType[] = [
  { name: 't2.micro', cores: 1, memoryMib: 1024, architecture: 'x86_64', freeTier: false },
  { name: 't3.nano', cores: 2, memoryMib: 512, architecture: 'x86_64', freeTier: false },
  { name: 't3.micro', cores: 2, memoryMib: 1024, architecture: 'x86_64', freeTier: true },
  { name: 't3.small', cores: 2, memoryMib: 2048, architecture: 'x86_64', freeTier: true },
  { name: 't3.medium', cores: 2, memoryMib: 4096, architecture: 'x86_64', freeTier: false },
  { name: 't3.large', cores: 2, memoryMib: 8192, architecture: 'x86_64', freeTier: false },
  { name: 't4g.nano', cores: 2, memoryMib: 512, architecture: 'arm64', freeTier: false },
  { name: 't4g.micro', cores: 2, memoryMib: 1024, architecture: 'arm64', freeTier: true },
  { name: 't4g.small', cores: 2, memoryMib: 2048, architecture: 'arm64', freeTier: true },
]

export function instanceTypeNamed(name: string): InstanceType {
  const type = types.find((candidate) => candidate.name === name)
  if (type !== undefined) return type
  throw new AwsError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`)
}

/** The zones of a region that offer a type. The oldest zone of us-east-1 has nothing of the Nitro generation. */
export function zonesOffering(type: string, regionName: string): string[] {
  const names = zonesOf(regionName).map(({ name }) => name)
  return type === 't2.micro' ? names : names.filter((name) => name !== 'us-east-1e')
}

export function describeInstanceTypes(input: DescribeInstanceTypesRequest): DescribeInstanceTypesResult {
  const unknown = input.InstanceTypes?.filter((name) => !types.some((type) => type.name === name)) ?? []
  if (unknown.length > 0) {
    const text = `The following supplied instance types do not exist: [${unknown.join(', ')}]`
    throw new AwsError('InvalidInstanceType', text)
  }
  const asked = types.filter(({ name }) => input.InstanceTypes?.includes(name) ?? true)
  const { items, nextToken } = pageOf(select(asked, input.Filters, fields), input, 5, 100)
  return { InstanceTypes: items.map(answer), NextToken: nextToken }
}

const fields: Fields<InstanceType> = {
  'bare-metal': () => false,
  'burstable-performance-supported': () => true,
  'current-generation': (type) => type.name !== 't2.micro',
  'free-tier-eligible': (type) => type.freeTier,
  hypervisor: (type) => hypervisorOf(type),
  'instance-type': (type) => type.name,
  'memory-info.size-in-mib': (type) => type.memoryMib,
  'processor-info.supported-architecture': (type) => type.architecture,
  'supported-root-device-type': () => 'ebs',
  'supported-usage-class': () => 'on-demand',
  'supported-virtualization-type': () => 'hvm',
  'vcpu-info.default-vcpus': (type) => type.cores,
}

function answer(type: InstanceType): InstanceTypeInfo {
  return {
    InstanceType: type.name,
    CurrentGeneration: type.name !== 't2.micro',
    FreeTierEligible: type.freeTier,
    SupportedUsageClasses: ['on-demand'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: false,
    Hypervisor: hypervisorOf(type),
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: { DefaultVCpus: type.cores },
    MemoryInfo: { SizeInMiB: type.memoryMib },
    InstanceStorageSupported: false,
    BurstablePerformanceSupported: true,
    DedicatedHostsSupported: false,
    HibernationSupported: false,
  }
}

function hypervisorOf(type: InstanceType): 'nitro' | 'xen' {
  return type.name === 't2.micro' ? 'xen' : 'nitro'
}

export function describeInstanceTypeOfferings(
  input: DescribeInstanceTypeOfferingsRequest,
  { regionName }: Call,
): DescribeInstanceTypeOfferingsResult {
  const kind = input.LocationType ?? 'region'
  const offerings = types.flatMap(({ name }) =>
    locationsOf(kind, name, regionName).map((location) => ({
      InstanceType: name,
      LocationType: kind,
      Location: location,
    })),
  )
  const { items, nextToken } = pageOf(select(offerings, input.Filters, offeringFields), input)
  return { InstanceTypeOfferings: items, NextToken: nextToken }
}

function locationsOf(kind: string, type: string, regionName: string): string[] {
  if (kind === 'region') return [regionName]
  const names = zonesOffering(type, regionName)
  if (kind === 'availability-zone') return names
  if (kind === 'availability-zone-id') {
    return zonesOf(regionName).flatMap(({ name, id }) => (names.includes(name) ? [id] : []))
  }
  throw new AwsError('InvalidParameterValue', `Value (${kind}) for parameter LocationType is invalid.`)
}

const offeringFields: Fields<InstanceTypeOffering> = {
  'instance-type': (offering) => offering.InstanceType,
  location: (offering) => offering.Location,
}
