import { readDeadline } from '../lab/deadline.ts'
import { isOf } from '../lab/lab-search.ts'
import { TAG_EXPIRES, TAG_LAB, TAG_LAB_NAME, TAG_OWNER } from '../lab/names.ts'
import type { LabSeen } from '../lab/ports/labs.ts'
import type { Inventory } from '../lab/usage.ts'
import { type Clients, rememberingClients } from './clients.ts'
import { databaseResource } from './db-instance.ts'
import { takeInventory } from './inventory.ts'
import { allDatabases, allSubnetGroups } from './lists.ts'
import { ec2Resources, tagsOf } from './resources.ts'
import { AddTagsToResourceCommand, CreateTagsCommand, DescribeRegionsCommand } from './sdk.ts'
import { resource, type Tagged } from './tagged.ts'
import { isOfLab, type LabTags, labOf, ofLab, tagValue } from './tags.ts'
import { taggedExtras } from './unmanaged-resources.ts'

const ANY_LAB = { Name: 'tag-key', Values: [TAG_LAB] }

/** All labs that still have something: an instance that has ended keeps its tags for an hour, and counts for nothing. */
export async function listLabs(asked: Clients): Promise<LabSeen[]> {
  const clients = rememberingClients(asked)
  const [inEc2, databases, extras, inventory] = await Promise.all([
    ec2Resources(clients, ANY_LAB),
    allDatabases(clients),
    taggedExtras(clients),
    takeInventory(clients, {
      servers: ANY_LAB,
      disks: ANY_LAB,
      isOurs: ({ TagList }) => labOf(TagList) !== undefined,
    }),
  ])
  const found: Tagged[] = [
    ...inEc2,
    ...extras,
    ...databases
      .filter(({ TagList }) => labOf(TagList) !== undefined)
      .map((each) => ({ resource: databaseResource(each), tags: each.TagList ?? [] })),
  ]
  const all = [...found, ...(await subnetGroups(clients, found))]
  const ids = [...new Set(all.flatMap(({ tags }) => labOf(tags) ?? []))]
  return ids.map((id) =>
    toLab(
      id,
      all.filter(({ tags }) => isOfLab(tags, id)),
      inventory,
    ),
  )
}

/** The name tells the lab; only of a lab that nothing else tells of is the group asked for its tags. */
async function subnetGroups(clients: Clients, others: readonly Tagged[]): Promise<Tagged[]> {
  const named = (await allSubnetGroups(clients)).filter(({ DBSubnetGroupName: name = '' }) =>
    NAMED.test(name),
  )
  return Promise.all(
    named.map(async ({ DBSubnetGroupName: name = '', DBSubnetGroupArn }) => {
      const [, id] = NAMED.exec(name) ?? []
      const tags =
        others.find(({ tags }) => labOf(tags) === id)?.tags ?? (await tagsOf(clients, DBSubnetGroupArn))
      return { resource: resource('subnet-group', name, name), tags }
    }),
  )
}

const NAMED = /^flasklab-.+-([0-9a-f]{10})$/

function toLab(id: string, parts: readonly Tagged[], all: Inventory): LabSeen {
  const value = (key: string) =>
    parts.map(({ tags }) => tagValue(tags, key)).find((each) => each !== undefined)
  const resources = parts.map((each) => each.resource)
  const isOurs = (other: string | undefined) => resources.some((each) => each.id === other)
  return {
    id,
    name: value(TAG_LAB_NAME) ?? '',
    owner: value(TAG_OWNER) ?? '',
    ...deadlineOf(parts),
    resources,
    inventory: {
      servers: all.servers.filter((each) => isOurs(each.id)),
      disks: all.disks.filter((each) => isOurs(each.id) || isOurs(each.serverId)),
      databases: all.databases.filter((each) => isOurs(each.id)),
    },
  }
}

/** A deadline that was put off may stand on a part of them only: one that can't be read may be the later one. */
function deadlineOf(parts: readonly Tagged[]): Pick<LabSeen, 'expiresAt' | 'unreadableDeadline'> {
  const texts = parts.flatMap(({ tags }) => tagValue(tags, TAG_EXPIRES) ?? [])
  const unreadableDeadline = texts.find((text) => readDeadline(text) === undefined)
  const times = texts.flatMap((text) => readDeadline(text) ?? [])
  const isKnown = times.length > 0 && unreadableDeadline === undefined
  return { expiresAt: isKnown ? Math.max(...times) : undefined, unreadableDeadline }
}

/** Labs of that name and owner. */
export async function findLabIds(clients: Clients, name: string, owner: string): Promise<string[]> {
  const labs = await listLabs(clients)
  return labs.filter((lab) => lab.name === name && isOf(owner, lab)).map(({ id }) => id)
}

export async function listRegions({ home }: Clients): Promise<string[]> {
  const { Regions = [] } = await home.ec2.send(new DescribeRegionsCommand({}))
  return Regions.map(({ RegionName = '' }) => RegionName).sort()
}

/** Tags the resources that exist. A later one gets the tag in the request that makes it. */
export async function tagDeadline(clients: Clients, lab: LabTags, expires: string): Promise<void> {
  const { ec2, rds } = clients
  const Tags = [{ Key: TAG_EXPIRES, Value: expires }]
  const [inEc2, databases, groups] = await Promise.all([
    ec2Resources(clients, ofLab(lab.id)),
    allDatabases(clients),
    allSubnetGroups(clients),
  ])
  const Resources = inEc2.map((each) => each.resource.id)
  if (Resources.length > 0) await ec2.send(new CreateTagsCommand({ Resources, Tags }))
  const inRds = [
    ...databases.filter(({ TagList }) => isOfLab(TagList, lab.id)).map(({ DBInstanceArn }) => DBInstanceArn),
    ...groups
      .filter(({ DBSubnetGroupName: name = '' }) => NAMED.exec(name)?.[1] === lab.id)
      .map(({ DBSubnetGroupArn }) => DBSubnetGroupArn),
  ]
  for (const ResourceName of inRds) await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }))
}
