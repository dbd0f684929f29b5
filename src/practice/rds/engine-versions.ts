import type {
  DBEngineVersion,
  DBEngineVersionMessage,
  DescribeDBEngineVersionsMessage,
  DescribeOrderableDBInstanceOptionsMessage,
  OrderableDBInstanceOption,
  OrderableDBInstanceOptionsMessage,
} from '@aws-sdk/client-rds'
import { zonesOf } from '../ec2/regions.ts'
import type { Call } from '../wire/operation.ts'
import { invalidCombination, invalidValue } from './faults.ts'
import { select } from './filters.ts'
import { pageOf } from './paging.ts'

export interface EngineVersion {
  readonly full: string
  readonly major: string
  readonly isDefaultOfMajor: boolean
  /** Standard support of MySQL 8.0 ended on 31 July 2026: what runs on it since then is billed for it. */
  readonly pastStandardSupport: boolean
}

const versions: readonly EngineVersion[] = [
  { full: '8.0.45', major: '8.0', isDefaultOfMajor: false, pastStandardSupport: true },
  { full: '8.0.46', major: '8.0', isDefaultOfMajor: true, pastStandardSupport: true },
  { full: '8.4.8', major: '8.4', isDefaultOfMajor: false, pastStandardSupport: false },
  { full: '8.4.9', major: '8.4', isDefaultOfMajor: true, pastStandardSupport: false },
]
const DEFAULT_MAJOR = '8.4'

/** The version that a request names in full or by its major part; the default one where it names none. */
export function engineVersion(asked: string = DEFAULT_MAJOR): EngineVersion {
  const found = matching(asked).find(({ full, isDefaultOfMajor }) => full === asked || isDefaultOfMajor)
  if (found !== undefined) return found
  throw invalidCombination(`Cannot find version ${asked} for mysql`)
}

function matching(asked: string): EngineVersion[] {
  return versions.filter(({ full, major }) => full === asked || major === asked)
}

export const databaseClasses = [
  'db.t3.micro',
  'db.t3.small',
  'db.t3.medium',
  'db.t4g.micro',
  'db.t4g.small',
  'db.t4g.medium',
]
export const storageTypes = ['gp2', 'gp3']
export const storageRange = { least: 20, most: 65_536 }

export function describeDBEngineVersions(input: DescribeDBEngineVersionsMessage): DBEngineVersionMessage {
  const ofEngine = input.Engine === undefined || input.Engine === 'mysql' ? versions : []
  const { EngineVersion: asked } = input
  const ofVersion = ofEngine.filter(({ full, major }) => asked === undefined || [full, major].includes(asked))
  const family = input.DBParameterGroupFamily
  const wanted = ofVersion
    .filter(({ major }) => family === undefined || family === `mysql${major}`)
    .filter((version) => input.DefaultOnly !== true || isDefault(version, asked))
  const named = select(wanted, input.Filters, {
    'db-parameter-group-family': ({ major }) => [`mysql${major}`],
    engine: () => ['mysql'],
    'engine-mode': () => ['provisioned'],
    'engine-version': ({ full }) => [full],
    status: () => ['available'],
  })
  const { items, marker } = pageOf(named, input)
  return { DBEngineVersions: items.map(versionAnswer), Marker: marker }
}

/** With a major version `DefaultOnly` means the default of that one, otherwise the engine's default. */
function isDefault({ major, full, isDefaultOfMajor }: EngineVersion, asked: string | undefined): boolean {
  return (
    isDefaultOfMajor && (asked === undefined ? major === DEFAULT_MAJOR : asked === major || asked === full)
  )
}

function versionAnswer({ full, major }: EngineVersion): DBEngineVersion {
  return {
    Engine: 'mysql',
    EngineVersion: full,
    MajorEngineVersion: major,
    DBEngineDescription: 'MySQL Community Edition',
    DBEngineVersionDescription: `MySQL ${full}`,
    DBParameterGroupFamily: `mysql${major}`,
    ExportableLogTypes: ['audit', 'error', 'general', 'slowquery'],
    Status: 'available',
    SupportedCACertificateIdentifiers: ['rds-ca-rsa2048-g1'],
    SupportsReadReplica: true,
    ValidUpgradeTarget: [],
  }
}

export function describeOrderableDBInstanceOptions(
  input: DescribeOrderableDBInstanceOptionsMessage,
  { regionName }: Call,
): OrderableDBInstanceOptionsMessage {
  if (input.Engine !== 'mysql') throw invalidValue(`Invalid DB engine: ${input.Engine}`)
  // A class says something only of an exact version, so that a major one finds nothing here.
  const wanted = versions.filter(
    ({ full }) => input.EngineVersion === undefined || full === input.EngineVersion,
  )
  const options = wanted
    .flatMap(({ full }) => databaseClasses.map((name) => ({ full, name })))
    .filter(({ name }) => input.DBInstanceClass === undefined || input.DBInstanceClass === name)
    .flatMap(({ full, name }) => storageTypes.map((storage) => optionOf(full, name, storage, regionName)))
  const offered = input.Vpc === false || select([{}], input.Filters, {}).length === 0 ? [] : options
  const { items, marker } = pageOf(offered, input)
  return { OrderableDBInstanceOptions: items, Marker: marker }
}

function optionOf(
  version: string,
  name: string,
  storageType: string,
  regionName: string,
): OrderableDBInstanceOption {
  const zones = zonesOf(regionName).filter((zone) => zone.name !== 'us-east-1e')
  return {
    Engine: 'mysql',
    EngineVersion: version,
    DBInstanceClass: name,
    LicenseModel: 'general-public-license',
    AvailabilityZones: zones.map((zone) => ({ Name: zone.name })),
    MultiAZCapable: true,
    ReadReplicaCapable: true,
    Vpc: true,
    SupportsStorageEncryption: true,
    StorageType: storageType,
    SupportsIops: storageType === 'gp3',
    SupportsStorageThroughput: storageType === 'gp3',
    SupportsEnhancedMonitoring: true,
    SupportsIAMDatabaseAuthentication: true,
    SupportsPerformanceInsights: false,
    MinStorageSize: storageRange.least,
    MaxStorageSize: storageRange.most,
    SupportedEngineModes: ['provisioned'],
    SupportsStorageAutoscaling: true,
    SupportsKerberosAuthentication: false,
    OutpostCapable: false,
    SupportedNetworkTypes: ['IPV4'],
    SupportsGlobalDatabases: false,
    SupportsClusters: false,
  }
}
