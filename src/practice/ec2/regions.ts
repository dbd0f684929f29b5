import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
  Region,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'

const enabled = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]
const notEnabled = [
  'af-south-1',
  'ap-east-1',
  'ap-south-2',
  'ap-southeast-3',
  'eu-central-2',
  'eu-south-1',
  'me-central-1',
  'me-south-1',
]

export function isEnabledRegion(name: string): boolean {
  return enabled.includes(name)
}

export function describeRegions(input: DescribeRegionsRequest): DescribeRegionsResult {
  const all = [
    ...enabled.map((name) => regionOf(name, 'opt-in-not-required')),
    ...notEnabled.map((name) => regionOf(name, 'not-opted-in')),
  ]
  const unknown = input.RegionNames?.find((name) => !all.some((region) => region.RegionName === name))
  if (unknown !== undefined) throw new AwsError('InvalidParameterValue', `Invalid region name: ${unknown}`)
  const asked = all.filter(
    ({ RegionName = '', OptInStatus }) =>
      (input.RegionNames === undefined || input.RegionNames.includes(RegionName)) &&
      (input.AllRegions === true || OptInStatus !== 'not-opted-in'),
  )
  return { Regions: select(asked, input.Filters, regionFields) }
}

const regionFields: Fields<Region> = {
  endpoint: (region) => region.Endpoint,
  'opt-in-status': (region) => region.OptInStatus,
  'region-name': (region) => region.RegionName,
}

function regionOf(name: string, optInStatus: string): Region {
  return { RegionName: name, Endpoint: `ec2.${name}.amazonaws.com`, OptInStatus: optInStatus }
}

export interface Zone {
  readonly name: string
  readonly id: string
}

/** The zones that the practice cloud gives a region: AWS has six in us-east-1, and mostly three elsewhere. */
export function zonesOf(regionName: string): Zone[] {
  const letters = regionName === 'us-east-1' ? 'abcdef' : 'abc'
  return [...letters].map((letter, index) => ({
    name: `${regionName}${letter}`,
    id: `${shortName(regionName)}-az${index + 1}`,
  }))
}

/** `us-east-1` is `use1` in the ids of zones, `ap-southeast-2` is `apse2`. */
function shortName(regionName: string): string {
  const [area = '', direction = '', number = ''] = regionName.split('-')
  const initials = (direction.match(/north|south|east|west|central/g) ?? []).map((word) => word.charAt(0))
  return `${area}${initials.join('')}${number}`
}

export function describeAvailabilityZones(
  input: DescribeAvailabilityZonesRequest,
  { regionName }: Call,
): DescribeAvailabilityZonesResult {
  const zones = zonesOf(regionName).map((zone) => availabilityZone(zone, regionName))
  const names = input.ZoneNames ?? zones.map(({ ZoneName = '' }) => ZoneName)
  const unknown = names.find((name) => !zones.some((zone) => zone.ZoneName === name))
  if (unknown !== undefined) {
    throw new AwsError('InvalidParameterValue', `Invalid availability zone: [${unknown}]`)
  }
  const asked = zones.filter(
    ({ ZoneName = '', ZoneId = '' }) =>
      names.includes(ZoneName) && (input.ZoneIds === undefined || input.ZoneIds.includes(ZoneId)),
  )
  return { AvailabilityZones: select(asked, input.Filters, zoneFields) }
}

const zoneFields: Fields<AvailabilityZone> = {
  'group-name': (zone) => zone.GroupName,
  'opt-in-status': (zone) => zone.OptInStatus,
  'region-name': (zone) => zone.RegionName,
  state: (zone) => zone.State,
  'zone-id': (zone) => zone.ZoneId,
  'zone-name': (zone) => zone.ZoneName,
  'zone-type': (zone) => zone.ZoneType,
}

function availabilityZone(zone: Zone, regionName: string): AvailabilityZone {
  return {
    State: 'available',
    OptInStatus: 'opt-in-not-required',
    Messages: [],
    RegionName: regionName,
    ZoneName: zone.name,
    ZoneId: zone.id,
    GroupName: `${regionName}-zg-1`,
    NetworkBorderGroup: regionName,
    ZoneType: 'availability-zone',
  }
}
