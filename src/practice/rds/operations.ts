import * as sdk from '@aws-sdk/client-rds'
import { describeAccountAttributes } from '../account.ts'
import { operation, operationsByName } from '../wire/operation.ts'
import {
  deleteDBInstanceAutomatedBackup,
  deleteDBSnapshot,
  describeDBInstanceAutomatedBackups,
  describeDBSnapshots,
} from './backups.ts'
import { createDBInstance } from './create-instance.ts'
import { describeDBInstances } from './describe-instances.ts'
import { describeDBEngineVersions, describeOrderableDBInstanceOptions } from './engine-versions.ts'
import { describeEvents } from './events.ts'
import { deleteDBInstance, rebootDBInstance, startDBInstance, stopDBInstance } from './instance-states.ts'
import { modifyDBInstance } from './modify-instance.ts'
import { createDBSubnetGroup, deleteDBSubnetGroup, describeDBSubnetGroups } from './subnet-groups.ts'
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './tags.ts'

export const rdsOperations = operationsByName([
  operation(sdk.AddTagsToResource$, addTagsToResource),
  operation(sdk.CreateDBInstance$, createDBInstance),
  operation(sdk.CreateDBSubnetGroup$, createDBSubnetGroup),
  operation(sdk.DeleteDBInstance$, deleteDBInstance),
  operation(sdk.DeleteDBInstanceAutomatedBackup$, deleteDBInstanceAutomatedBackup),
  operation(sdk.DeleteDBSnapshot$, deleteDBSnapshot),
  operation(sdk.DeleteDBSubnetGroup$, deleteDBSubnetGroup),
  operation(sdk.DescribeAccountAttributes$, describeAccountAttributes),
  operation(sdk.DescribeDBEngineVersions$, describeDBEngineVersions),
  operation(sdk.DescribeDBInstanceAutomatedBackups$, describeDBInstanceAutomatedBackups),
  operation(sdk.DescribeDBInstances$, describeDBInstances),
  operation(sdk.DescribeDBSnapshots$, describeDBSnapshots),
  operation(sdk.DescribeDBSubnetGroups$, describeDBSubnetGroups),
  operation(sdk.DescribeEvents$, describeEvents),
  operation(sdk.DescribeOrderableDBInstanceOptions$, describeOrderableDBInstanceOptions),
  operation(sdk.ListTagsForResource$, listTagsForResource),
  operation(sdk.ModifyDBInstance$, modifyDBInstance),
  operation(sdk.RebootDBInstance$, rebootDBInstance),
  operation(sdk.RemoveTagsFromResource$, removeTagsFromResource),
  operation(sdk.StartDBInstance$, startDBInstance),
  operation(sdk.StopDBInstance$, stopDBInstance),
])
