import type { RegionState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import { databaseClasses, storageRange, storageTypes } from './engine-versions.ts'
import { invalidCombination, invalidValue } from './faults.ts'

/** The identifier as RDS keeps it, in lower case. */
export function identifier(text = ''): string {
  if (/^[a-z](-?[a-z0-9])*$/i.test(text) && text.length <= 63) return text.toLowerCase()
  throw invalidValue(
    'The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  )
}

export function masterPassword(text: string | undefined): string {
  const name = 'The parameter MasterUserPassword'
  if (text === undefined || text === '') throw invalidValue(`${name} must be provided and must not be blank.`)
  const notValid = `${name} is not a valid password`
  if (text.length < 8) throw invalidValue(`${notValid} because it is shorter than 8 characters.`)
  if (text.length > 41) throw invalidValue(`${notValid} because it is longer than 41 characters.`)
  if (/^[\x21-\x7e]*$/.test(text) && !/[/'"@]/.test(text)) return text
  throw invalidValue(`${notValid}. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`)
}

const reservedNames = ['rdsadmin', 'rdsrepladmin', 'mysql.sys', 'mysql.session', 'mysql.infoschema']

export function masterUser(text = ''): string {
  if (text === '') throw invalidValue('The parameter MasterUsername must be provided and must not be blank.')
  if (reservedNames.includes(text)) {
    throw invalidValue(`MasterUsername ${text} cannot be used as it is a reserved word used by the engine`)
  }
  if (/^[a-zA-Z][a-zA-Z0-9_]{0,15}$/.test(text)) return text
  throw invalidValue(
    'The parameter MasterUsername is not a valid identifier: it must begin with a letter, contain only letters, digits and underscores, and have at most 16 characters.',
  )
}

export function databaseClass(text: string | undefined): string {
  if (text !== undefined && databaseClasses.includes(text)) return text
  if (text === undefined || !/^db\.[a-z0-9-]+\.[a-z0-9-]+$/.test(text)) {
    throw invalidValue(`Invalid DB Instance class: ${text}`)
  }
  throw invalidCombination(
    `RDS does not support creating a DB instance with the following combination: DBInstanceClass=${text}, Engine=mysql, LicenseModel=general-public-license. For supported combinations of instance class and database engine version, see the documentation.`,
  )
}

export function storageType(text = 'gp3'): string {
  if (storageTypes.includes(text)) return text
  if (['io1', 'io2', 'standard'].includes(text)) {
    throw new AwsError(
      'StorageTypeNotSupported',
      `The practice cloud does not support the storage type ${text}.`,
    )
  }
  throw invalidValue(`Invalid storage type: ${text}`)
}

export function storageSize(gib: number | undefined, type: string): number {
  if (gib === undefined)
    throw invalidValue('The parameter AllocatedStorage must be provided and must not be blank.')
  if (Number.isInteger(gib) && gib >= storageRange.least && gib <= storageRange.most) return gib
  throw invalidValue(`Invalid storage size for engine name mysql and storage type ${type}: ${gib}`)
}

export function refuseProvisionedSpeed(
  {
    Iops: iops,
    StorageThroughput: throughput,
  }: { Iops?: number | undefined; StorageThroughput?: number | undefined },
  gib: number,
): void {
  if (iops === undefined && throughput === undefined) return
  if (gib < 400) {
    throw invalidCombination(
      `You can't specify IOPS or storage throughput for engine mysql and a storage size less than 400.`,
    )
  }
  throw invalidCombination(
    'The practice cloud does not support IOPS or storage throughput above the baseline.',
  )
}

export function backupRetention(days: number): number {
  if (Number.isInteger(days) && days >= 0 && days <= 35) return days
  throw invalidValue(`Invalid backup retention period: ${days}. Must be between 0 and 35.`)
}

/** The security groups that a database gets: those asked for, or the default group of its VPC. */
export function groupsFor(ids: readonly string[] | undefined, vpcId: string, region: RegionState): string[] {
  if (ids === undefined || ids.length === 0) {
    return region.groups
      .filter((group) => group.vpcId === vpcId && group.name === 'default')
      .map(({ id }) => id)
  }
  for (const id of ids) {
    const group = region.groups.find((candidate) => candidate.id === id)
    if (group === undefined) throw invalidValue(`Invalid security group , groupId= ${id}, groupName=.`)
    if (group.vpcId !== vpcId) {
      throw invalidCombination(
        `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${vpcId} and the EC2 security group is in ${group.vpcId}`,
      )
    }
  }
  return [...new Set(ids)]
}

export function refuseWithoutGateway(vpcId: string, region: RegionState): void {
  if (region.internetGateways.some((gateway) => gateway.vpcId === vpcId)) return
  const text = `Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached. Update the VPC and then try again`
  throw new AwsError('InvalidVPCNetworkStateFault', text)
}
