import type { Tag } from '@aws-sdk/client-rds'
import type { Resource } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { databaseResource } from './db-instance.ts'
import { means } from './error-meanings.ts'
import { isThere, serverResource } from './instance.ts'
import {
  allDatabases,
  allSubnetGroups,
  groupsBy,
  instancesBy,
  interfacesBy,
  keyPairsBy,
  volumesBy,
} from './lists.ts'
import { ListTagsForResourceCommand } from './sdk.ts'
import { resource, type Tagged } from './tagged.ts'
import { type Filter, isOfLab, type LabTags, ofLab } from './tags.ts'

export async function listResources(clients: Clients, lab: LabTags): Promise<Resource[]> {
  const [inEc2, databases, subnetGroups] = await Promise.all([
    ec2Resources(clients, ofLab(lab.id)),
    databaseResources(clients, lab.id),
    subnetGroupsOf(clients, lab.id),
  ])
  return [...inEc2.map((each) => each.resource), ...databases, ...subnetGroups]
}

/** The part of them that costs most, for those who need no more. */
export async function listServersAndDatabases(clients: Clients, lab: LabTags): Promise<Resource[]> {
  const [servers, databases] = await Promise.all([
    serverResources(clients, ofLab(lab.id)),
    databaseResources(clients, lab.id),
  ])
  return [...servers.map((each) => each.resource), ...databases]
}

async function serverResources(clients: Clients, filter: Filter): Promise<Tagged[]> {
  return (await instancesBy(clients, [filter]))
    .filter(isThere)
    .map((server) => ({ resource: serverResource(server), tags: server.Tags ?? [] }))
}

async function databaseResources(clients: Clients, labId: string): Promise<Resource[]> {
  return (await allDatabases(clients)).filter(({ TagList }) => isOfLab(TagList, labId)).map(databaseResource)
}

/** Kind by kind, as DescribeTags goes on telling of what is gone. */
export async function ec2Resources(clients: Clients, filter: Filter): Promise<Tagged[]> {
  const [servers, volumes, interfaces, groups, keys] = await Promise.all([
    serverResources(clients, filter),
    volumesBy(clients, [filter]),
    interfacesBy(clients, [filter]),
    groupsBy(clients, [filter]),
    keyPairsBy(clients, [filter]),
  ])
  return [
    ...servers,
    ...volumes.map(({ VolumeId, State: state, CreateTime: madeAt, Tags: tags = [] }) => ({
      resource: resource('volume', VolumeId, '', { state, madeAt }),
      tags,
    })),
    ...interfaces.map(({ NetworkInterfaceId, Attachment, TagSet: tags = [] }) => ({
      resource: resource('network-interface', NetworkInterfaceId, '', { madeAt: Attachment?.AttachTime }),
      tags,
    })),
    ...groups.map(({ GroupId, GroupName, Tags: tags = [] }) => ({
      resource: resource('security-group', GroupId, GroupName),
      tags,
    })),
    ...keys.map(({ KeyPairId, KeyName, CreateTime: madeAt, Tags: tags = [] }) => ({
      resource: resource('key-pair', KeyPairId, KeyName, { madeAt }),
      tags,
    })),
  ]
}

/** Subnet groups show no tags: the one whose name holds the lab's id is asked for them, and not a whole class's. */
async function subnetGroupsOf(clients: Clients, labId: string): Promise<Resource[]> {
  const groups = await allSubnetGroups(clients)
  const ours = groups.filter(({ DBSubnetGroupName: name }) => isNamedFor(name, labId))
  const found = await Promise.all(
    ours.map(async ({ DBSubnetGroupName: id, DBSubnetGroupArn }) => {
      const tags = await tagsOf(clients, DBSubnetGroupArn)
      return isOfLab(tags, labId) ? [resource('subnet-group', id, id)] : []
    }),
  )
  return found.flat()
}

export function isNamedFor(name = '', labId: string): boolean {
  return name.startsWith('flasklab-') && name.endsWith(`-${labId}`)
}

/** None for a group that somebody in the same account has deleted since it was listed. */
export async function tagsOf({ rds, once }: Clients, ResourceName: string | undefined): Promise<Tag[]> {
  try {
    const ask = () => rds.send(new ListTagsForResourceCommand({ ResourceName }))
    return (await once(`tags ${ResourceName}`, ask)).TagList ?? []
  } catch (error) {
    if (means(error, 'gone')) return []
    throw error
  }
}

/**
 * The resources with a name that holds the lab's id, as no other lab's does: also those whose tags somebody has taken
 * off. Databases, servers and rules have no such names.
 */
export async function findByName(clients: Clients, labId: string): Promise<Resource[]> {
  const [keys, groups, subnetGroups] = await Promise.all([
    keyPairsBy(clients, [{ Name: 'key-name', Values: [`flasklab-*-${labId}`] }]),
    groupsBy(clients, [{ Name: 'group-name', Values: [`*-web-${labId}`] }]),
    allSubnetGroups(clients),
  ])
  return [
    ...keys.map((key) => resource('key-pair', key.KeyPairId, key.KeyName)),
    ...groups.map((group) => resource('security-group', group.GroupId, group.GroupName)),
    ...subnetGroups
      .filter(({ DBSubnetGroupName: name }) => isNamedFor(name, labId))
      .map(({ DBSubnetGroupName: id }) => resource('subnet-group', id, id)),
  ]
}
