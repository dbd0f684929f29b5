import type { Resource } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { databaseResource, isStaying } from './db-instance.ts'
import { isLiving, serverResource } from './instance.ts'
import { allDatabases, instancesBy } from './lists.ts'
import { isNamedFor } from './resources.ts'
import { isOfLab } from './tags.ts'

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
    instancesBy(clients, [{ Name: 'key-name', Values: [`flasklab-*-${labId}`] }]),
    allDatabases(clients),
  ])
  // Another server may have been launched by hand with the lab's key.
  const servers = withKey.filter(
    (server) =>
      isLiving(server) &&
      !isOfLab(server.Tags, labId) &&
      (known.includes(server.InstanceId ?? '') ||
        server.SecurityGroups?.some(({ GroupName = '' }) => GroupName.endsWith(`-web-${labId}`)) === true),
  )
  const ours = databases.filter(
    (database) =>
      isStaying(database) &&
      !isOfLab(database.TagList, labId) &&
      isNamedFor(database.DBSubnetGroup?.DBSubnetGroupName, labId),
  )
  return [
    ...servers.map(serverResource),
    ...ours.map((each) => ({
      ...databaseResource(each),
      ...(each.DBInstanceArn === undefined ? {} : { arn: each.DBInstanceArn }),
    })),
  ]
}
