import type { CreateDBInstanceMessage } from '@aws-sdk/client-rds'
import { AwsError } from '../wire/aws-error.ts'
import type { EngineVersion } from './engine-versions.ts'
import { invalidCombination, invalidValue } from './faults.ts'

const EXTENDED_SUPPORT = 'open-source-rds-extended-support'

/** Enrolled in paid support unless declined; declined, a version that would need it is refused. */
export function lifecycleSupportFor(version: EngineVersion, asked: string = EXTENDED_SUPPORT): string {
  if (asked !== EXTENDED_SUPPORT && asked !== `${EXTENDED_SUPPORT}-disabled`) {
    throw invalidValue(`Invalid value for EngineLifecycleSupport: ${asked}`)
  }
  if (version.pastStandardSupport && asked !== EXTENDED_SUPPORT) {
    throw invalidCombination(
      `You can't create a DB instance with mysql ${version.full} and ${asked}: the major version ${version.major} is past its RDS end of standard support date.`,
    )
  }
  return asked
}

/** Parameter and option groups are those that come with the version. */
export function refuseUnknownGroups(input: CreateDBInstanceMessage, { major }: EngineVersion): void {
  const parameters = input.DBParameterGroupName
  if (parameters !== undefined && parameters !== `default.mysql${major}`) {
    throw new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${parameters}`, 404)
  }
  const options = input.OptionGroupName
  if (options !== undefined && options !== `default:mysql-${major.replace('.', '-')}`) {
    throw new AwsError('OptionGroupNotFoundFault', `Specified OptionGroupName: ${options} not found.`, 404)
  }
}
