import type { Database, DatabaseSubnetGroup } from '../state.ts'
import type { Call } from '../wire/operation.ts'

type Account = Pick<Call, 'cloud' | 'regionName'>

export function databaseArn({ id }: Database, { cloud, regionName }: Account): string {
  return `arn:aws:rds:${regionName}:${cloud.state.account}:db:${id}`
}

export function subnetGroupArn({ name }: DatabaseSubnetGroup, { cloud, regionName }: Account): string {
  return `arn:aws:rds:${regionName}:${cloud.state.account}:subgrp:${name}`
}
