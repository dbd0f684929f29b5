import { AwsError } from '../wire/aws-error.ts'

export const databaseNotFound = (id: string) =>
  new AwsError('DBInstanceNotFound', `DBInstance ${id} not found.`, 404)

export const subnetGroupNotFound = (name: string) =>
  new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, 404)

export const invalidValue = (message: string) => new AwsError('InvalidParameterValue', message)

export const invalidCombination = (message: string) => new AwsError('InvalidParameterCombination', message)

export const wrongState = (message: string) => new AwsError('InvalidDBInstanceState', message)
