import type { TagDescription } from '@aws-sdk/client-ec2'
import type { DBSubnetGroup, Tag } from '@aws-sdk/client-rds'
import { cleanTagValue, TAG_LAB, TAG_LAB_NAME, TAG_OWNER } from '../lab/names.ts'
import type { Removal, Resource, ResourceKind } from '../lab/ports.ts'
import type { Clients } from './clients.ts'
import { allDatabases } from './databases.ts'
import { isCode } from './errors.ts'
import { removeRules, rulesOf } from './groups.ts'
import {
  DeleteDBInstanceCommand,
  DeleteDBSubnetGroupCommand,
  DeleteKeyPairCommand,
  DeleteSecurityGroupCommand,
  DeleteVolumeCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  TerminateInstancesCommand,
} from './sdk.ts'
import { type LabTags, ofLab, tagValue } from './tags.ts'

export async function listResources(clients: Clients, lab: LabTags): Promise<Resource[]> {
  const [ec2, databases, subnetGroups] = await Promise.all([
    ec2Resources(clients, lab.id),
    databasesOf(clients, lab.id),
    subnetGroupsOf(clients, lab.id),
  ])
  return [...ec2, ...databases, ...subnetGroups]
}

/** Kind by kind, as DescribeTags goes on telling of what is gone. Ended instances keep their tags for an hour. */
async function ec2Resources({ ec2 }: Clients, labId: string): Promise<Resource[]> {
  const Filters = [ofLab(labId)]
  const [{ Reservations = [] }, volumes, interfaces, groups, keys] = await Promise.all([
    ec2.send(new DescribeInstancesCommand({ Filters })),
    ec2.send(new DescribeVolumesCommand({ Filters })),
    ec2.send(new DescribeNetworkInterfacesCommand({ Filters })),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters })),
    ec2.send(new DescribeKeyPairsCommand({ Filters })),
  ])
  const servers = Reservations.flatMap((reservation) => reservation.Instances ?? [])
  return [
    ...servers
      .filter((server) => server.State?.Name !== 'terminated')
      .map((server) => resource('server', server.InstanceId, tagValue(server.Tags, 'Name'))),
    ...(volumes.Volumes ?? []).map((volume) => resource('volume', volume.VolumeId)),
    ...(interfaces.NetworkInterfaces ?? []).map((each) =>
      resource('network-interface', each.NetworkInterfaceId),
    ),
    ...(groups.SecurityGroups ?? []).map((group) =>
      resource('security-group', group.GroupId, group.GroupName),
    ),
    ...(keys.KeyPairs ?? []).map((key) => resource('key-pair', key.KeyPairId, key.KeyName)),
  ]
}

function resource(kind: ResourceKind, id = '', name = ''): Resource {
  return { kind, id, name }
}

async function describeTags(ec2: Clients['ec2'], key: string, value: string): Promise<TagDescription[]> {
  const Filters = [
    { Name: 'key', Values: [key] },
    { Name: 'value', Values: [value] },
  ]
  return (await ec2.send(new DescribeTagsCommand({ Filters }))).Tags ?? []
}

async function databasesOf(clients: Clients, labId: string): Promise<Resource[]> {
  return (await allDatabases(clients))
    .filter((each) => tagValue(each.TagList, TAG_LAB) === labId)
    .map(({ DBInstanceIdentifier: id = '' }) => ({ kind: 'database', id, name: id }))
}

/** Subnet groups show no tags: the one whose name holds the lab's id is asked for them, and not a whole class's. */
async function subnetGroupsOf({ rds }: Clients, labId: string): Promise<Resource[]> {
  const ours = (await allSubnetGroups(rds)).filter(
    ({ DBSubnetGroupName: name = '' }) => name.startsWith('flasklab-') && name.endsWith(`-${labId}`),
  )
  const found = await Promise.all(
    ours.map(async ({ DBSubnetGroupName: id = '', DBSubnetGroupArn: ResourceName }) => {
      const tags = await tagsOf(rds, ResourceName)
      return tagValue(tags, TAG_LAB) === labId ? [{ kind: 'subnet-group' as const, id, name: id }] : []
    }),
  )
  return found.flat()
}

async function allSubnetGroups(rds: Clients['rds']): Promise<DBSubnetGroup[]> {
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
async function tagsOf(rds: Clients['rds'], ResourceName: string | undefined): Promise<Tag[]> {
  try {
    return (await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList ?? []
  } catch (error) {
    if (isCode(error, ...GONE)) return []
    throw error
  }
}

/** Labs of that name and owner that still have something: an instance that has ended keeps its tags for an hour. */
export async function findLabIds(clients: Clients, name: string, owner: string): Promise<string[]> {
  const ids = await taggedLabIds(clients, name, owner)
  const left = await Promise.all(ids.map((id) => listResources(clients, { id, name, owner })))
  return ids.filter((_, index) => left[index]?.length !== 0)
}

async function taggedLabIds(clients: Clients, name: string, owner: string): Promise<string[]> {
  const { ec2 } = clients
  const [named, owned] = await Promise.all([
    describeTags(ec2, TAG_LAB_NAME, name),
    describeTags(ec2, TAG_OWNER, cleanTagValue(owner)),
  ])
  const mine = new Set(owned.map((tag) => tag.ResourceId))
  const ids = [...new Set(named.map((tag) => tag.ResourceId ?? ''))].filter((id) => mine.has(id))
  const { Tags = [] } =
    ids.length === 0
      ? {}
      : await ec2.send(
          new DescribeTagsCommand({
            Filters: [
              { Name: 'key', Values: [TAG_LAB] },
              { Name: 'resource-id', Values: ids },
            ],
          }),
        )
  const fromDatabases = (await allDatabases(clients))
    .filter((each) => tagValue(each.TagList, TAG_LAB_NAME) === name)
    .filter((each) => tagValue(each.TagList, TAG_OWNER) === cleanTagValue(owner))
    .map((each) => tagValue(each.TagList, TAG_LAB) ?? '')
  return [...new Set([...Tags.map((tag) => tag.Value ?? ''), ...fromDatabases])].filter((id) => id !== '')
}

const ASKED: Removal = { done: 'asked' }
/** Another of the lab's resources must go first, or the thing is in a state that must pass first. */
const NOT_YET = [
  'DependencyViolation',
  'InvalidGroup.InUse',
  'InvalidDBInstanceState',
  'InvalidDBSubnetGroupState',
  'VolumeInUse',
  'InvalidNetworkInterface.InUse',
  'InvalidParameterValue',
  'IncorrectInstanceState',
  'InvalidDBSubnetGroupStateFault',
]
const GONE = [
  'InvalidInstanceID.NotFound',
  'DBInstanceNotFound',
  'DBSubnetGroupNotFoundFault',
  'InvalidGroup.NotFound',
  'InvalidKeyPair.NotFound',
  'InvalidVolume.NotFound',
  'InvalidNetworkInterfaceID.NotFound',
]

export async function remove(clients: Clients, { kind, id }: Resource): Promise<Removal> {
  if (kind === 'network-interface') return { done: 'not-yet', why: 'it goes with its server' }
  try {
    await removers[kind](clients, id)
    return ASKED
  } catch (error) {
    const { message } = error as Error
    if (isCode(error, ...GONE) || /already being deleted/.test(message)) return ASKED
    if (isCode(error, ...NOT_YET)) return { done: 'not-yet', why: message }
    throw error
  }
}

type Removable = Exclude<ResourceKind, 'network-interface'>

const removers: Readonly<Record<Removable, (clients: Clients, id: string) => Promise<unknown>>> = {
  server: ({ ec2 }, id) => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })),
  database: removeDatabase,
  'subnet-group': ({ rds }, id) => rds.send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: id })),
  'security-group': removeGroup,
  'key-pair': ({ ec2 }, id) => ec2.send(new DeleteKeyPairCommand({ KeyPairId: id })),
  volume: ({ ec2 }, id) => ec2.send(new DeleteVolumeCommand({ VolumeId: id })),
}

/** Without a snapshot and with its backups: the student is asked before, and either would bill on. */
async function removeDatabase({ rds }: Clients, id: string): Promise<void> {
  const request = new DeleteDBInstanceCommand({
    DBInstanceIdentifier: id,
    SkipFinalSnapshot: true,
    DeleteAutomatedBackups: true,
  })
  try {
    await rds.send(request)
  } catch (error) {
    if (!/disable deletion protection/i.test((error as Error).message)) throw error
    await rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: id,
        DeletionProtection: false,
        ApplyImmediately: true,
      }),
    )
    await rds.send(request)
  }
}

/** Groups whose rules name each other hold each other: the rules go first. */
async function removeGroup(clients: Clients, id: string): Promise<void> {
  const rules = await rulesOf(clients.ec2, [id])
  const references = rules.filter((rule) => rule.ReferencedGroupInfo?.GroupId !== undefined)
  await removeRules(
    clients,
    id,
    references.map((rule) => ({
      id: rule.SecurityGroupRuleId ?? '',
      direction: rule.IsEgress ? 'egress' : 'ingress',
      protocol: 'tcp',
      fromPort: 0,
      toPort: 0,
      peer: { kind: 'group', groupId: rule.ReferencedGroupInfo?.GroupId ?? '' },
      description: '',
    })),
  )
  await clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }))
}
