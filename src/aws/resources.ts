import type { DBInstance, DBSubnetGroup, Tag } from '@aws-sdk/client-rds'
import type { Resource, ResourceKind } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { allDatabases } from './databases.ts'
import { means } from './error-meanings.ts'
import {
  DescribeDBSubnetGroupsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
  ListTagsForResourceCommand,
} from './sdk.ts'
import { carries, type Filter, isOfLab, type LabTags, type LooseTag, ofLab, tagValue } from './tags.ts'

/** A resource, and the tags by which it is somebody's. */
export interface Tagged {
  readonly resource: Resource
  readonly tags: readonly LooseTag[]
}

export async function listResources(clients: Clients, lab: LabTags): Promise<Resource[]> {
  const [inEc2, databases, subnetGroups] = await Promise.all([
    ec2Resources(clients, ofLab(lab.id)),
    allDatabases(clients),
    subnetGroupsOf(clients, lab.id),
  ])
  return [
    ...inEc2.map(({ resource }) => resource),
    ...databases.filter((each) => isOfLab(each.TagList, lab.id)).map(toDatabase),
    ...subnetGroups,
  ]
}

/** Kind by kind, as DescribeTags goes on telling of what is gone. Ended instances keep their tags for an hour. */
export async function ec2Resources({ ec2 }: Clients, filter: Filter): Promise<Tagged[]> {
  const Filters = [filter]
  const [{ Reservations = [] }, volumes, interfaces, groups, keys] = await Promise.all([
    ec2.send(new DescribeInstancesCommand({ Filters })),
    ec2.send(new DescribeVolumesCommand({ Filters })),
    ec2.send(new DescribeNetworkInterfacesCommand({ Filters })),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters })),
    ec2.send(new DescribeKeyPairsCommand({ Filters })),
  ])
  const servers = Reservations.flatMap((reservation) => reservation.Instances ?? [])
  const answers = [
    ...servers
      .filter((server) => server.State?.Name !== 'terminated')
      .map((server) =>
        tagged(server.Tags, 'server', server.InstanceId, tagValue(server.Tags, 'Name'), {
          state: server.State?.Name,
          madeAt: server.LaunchTime,
        }),
      ),
    ...(volumes.Volumes ?? []).map((volume) =>
      tagged(volume.Tags, 'volume', volume.VolumeId, '', { state: volume.State, madeAt: volume.CreateTime }),
    ),
    ...(interfaces.NetworkInterfaces ?? []).map((each) =>
      tagged(each.TagSet, 'network-interface', each.NetworkInterfaceId, '', {
        madeAt: each.Attachment?.AttachTime,
      }),
    ),
    ...(groups.SecurityGroups ?? []).map((group) =>
      tagged(group.Tags, 'security-group', group.GroupId, group.GroupName),
    ),
    ...(keys.KeyPairs ?? []).map((key) =>
      tagged(key.Tags, 'key-pair', key.KeyPairId, key.KeyName, { madeAt: key.CreateTime }),
    ),
  ]
  return answers.filter(({ tags }) => carries(tags, Filters))
}

interface Told {
  readonly state?: string | undefined
  readonly madeAt?: Date | undefined
}

function tagged(
  tags: readonly LooseTag[] = [],
  kind: ResourceKind,
  id: string | undefined,
  name?: string,
  told?: Told,
): Tagged {
  return { resource: resource(kind, id, name, told), tags }
}

export function resource(kind: ResourceKind, id = '', name = '', { state, madeAt }: Told = {}): Resource {
  return {
    kind,
    id,
    name,
    ...(state === undefined ? {} : { state }),
    ...(madeAt === undefined ? {} : { madeAt: madeAt.getTime() }),
  }
}

export function toDatabase(database: DBInstance): Resource {
  const { DBInstanceIdentifier: id, DBInstanceStatus: state, InstanceCreateTime: madeAt } = database
  return {
    ...resource('database', id, id, { state, madeAt }),
    ...(database.DbiResourceId === undefined ? {} : { uniqueId: database.DbiResourceId }),
    ...(database.DeletionProtection ? { isProtected: true } : {}),
  }
}

/** Subnet groups show no tags: the one whose name holds the lab's id is asked for them, and not a whole class's. */
async function subnetGroupsOf({ rds }: Clients, labId: string): Promise<Resource[]> {
  const ours = (await allSubnetGroups(rds)).filter(({ DBSubnetGroupName: name }) => isNamedFor(name, labId))
  const found = await Promise.all(
    ours.map(async ({ DBSubnetGroupName: id, DBSubnetGroupArn }) => {
      const tags = await tagsOf(rds, DBSubnetGroupArn)
      return isOfLab(tags, labId) ? [resource('subnet-group', id, id)] : []
    }),
  )
  return found.flat()
}

export function isNamedFor(name = '', labId: string): boolean {
  return name.startsWith('flasklab-') && name.endsWith(`-${labId}`)
}

export async function allSubnetGroups(rds: Clients['rds']): Promise<DBSubnetGroup[]> {
  const all: DBSubnetGroup[] = []
  let Marker: string | undefined
  do {
    const page = await rds.send(new DescribeDBSubnetGroupsCommand(Marker === undefined ? {} : { Marker }))
    all.push(...(page.DBSubnetGroups ?? []))
    Marker = page.Marker
  } while (Marker)
  return all
}

/** None for a group that somebody in the same account has deleted since it was listed. */
export async function tagsOf(rds: Clients['rds'], ResourceName: string | undefined): Promise<Tag[]> {
  try {
    return (await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList ?? []
  } catch (error) {
    if (means(error, 'gone')) return []
    throw error
  }
}

/**
 * What a name gives away that no other lab's has, since it holds the lab's id: also where somebody has taken the tags
 * off. AWS names no database, server or rule so.
 */
export async function findByName({ ec2, rds }: Clients, labId: string): Promise<Resource[]> {
  const named = (Name: string, pattern: string) => ({ Filters: [{ Name, Values: [pattern] }] })
  const [{ KeyPairs = [] }, { SecurityGroups = [] }, subnetGroups] = await Promise.all([
    ec2.send(new DescribeKeyPairsCommand(named('key-name', `flasklab-*-${labId}`))),
    ec2.send(new DescribeSecurityGroupsCommand(named('group-name', `*-web-${labId}`))),
    allSubnetGroups(rds),
  ])
  return [
    ...KeyPairs.map((key) => resource('key-pair', key.KeyPairId, key.KeyName)),
    ...SecurityGroups.map((group) => resource('security-group', group.GroupId, group.GroupName)),
    ...subnetGroups
      .filter(({ DBSubnetGroupName: name }) => isNamedFor(name, labId))
      .map(({ DBSubnetGroupName: id }) => resource('subnet-group', id, id)),
  ]
}
