import type { Resource } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { allDatabases } from './databases.ts'
import { isNamedFor, resource, toDatabase } from './resources.ts'
import { instancesBy, LIVING } from './servers.ts'
import { isOfLab, tagValue } from './tags.ts'

/**
 * Servers and databases that lost the lab's tag, by what nobody takes off them: names that hold the lab's id, of the key
 * pair and a security group, or of the subnet group. `known`: ids of servers that the lab has had.
 */
export async function findUntagged(
  clients: Clients,
  labId: string,
  known: readonly string[],
): Promise<Resource[]> {
  const [withKey, databases] = await Promise.all([
    instancesBy(clients.ec2, [{ Name: 'key-name', Values: [`flasklab-*-${labId}`] }, LIVING]),
    allDatabases(clients),
  ])
  // Another server may have been launched by hand with the lab's key.
  const servers = withKey.filter(
    ({ InstanceId = '', SecurityGroups = [], Tags }) =>
      !isOfLab(Tags, labId) &&
      (known.includes(InstanceId) ||
        SecurityGroups.some(({ GroupName = '' }) => GroupName.endsWith(`-web-${labId}`))),
  )
  const ours = databases.filter(
    ({ TagList, DBSubnetGroup, DBInstanceStatus }) =>
      !isOfLab(TagList, labId) &&
      isNamedFor(DBSubnetGroup?.DBSubnetGroupName, labId) &&
      DBInstanceStatus !== 'deleting',
  )
  return [
    ...servers.map(({ InstanceId, Tags, State, LaunchTime }) =>
      resource('server', InstanceId, tagValue(Tags, 'Name'), { state: State?.Name, madeAt: LaunchTime }),
    ),
    ...ours.map((each) => ({
      ...toDatabase(each),
      ...(each.DBInstanceArn === undefined ? {} : { arn: each.DBInstanceArn }),
    })),
  ]
}
