import type { DBInstanceMessage, DescribeDBInstancesMessage } from '@aws-sdk/client-rds'
import type { Database, RegionState } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { databaseArn } from './arns.ts'
import { databaseNotFound } from './faults.ts'
import { select } from './filters.ts'
import { databaseAnswer } from './instance-answer.ts'
import { pageOf } from './paging.ts'

export function describeDBInstances(input: DescribeDBInstancesMessage, call: Call): DBInstanceMessage {
  const { region } = call
  const name = input.DBInstanceIdentifier
  const databases = name === undefined ? region.databases : [databaseNamed(name, region, call)]
  const asked = select(databases, input.Filters, {
    'db-instance-id': (database) => [database.id, databaseArn(database, call)],
    'dbi-resource-id': ({ resourceId }) => [resourceId],
    'db-cluster-id': () => [],
    domain: () => [],
    engine: ({ engine }) => [engine],
  })
  const { items, marker } = pageOf(asked, input)
  return { DBInstances: items.map((database) => databaseAnswer(database, call)), Marker: marker }
}

/** A database by its identifier, in whatever case, or by its ARN. */
export function databaseNamed(name = '', region: RegionState, call: Call): Database {
  const found = region.databases.find(
    (database) => database.id === name.toLowerCase() || databaseArn(database, call) === name,
  )
  if (found === undefined) throw databaseNotFound(name.toLowerCase())
  return found
}
