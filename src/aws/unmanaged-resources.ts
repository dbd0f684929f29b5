import type { Resource, ResourceSearch } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { means } from './error-meanings.ts'
import { allAddresses, allDatabases, instancesBy, keptBackups, manualSnapshots } from './lists.ts'
import { resource, type Tagged } from './tagged.ts'
import { isOfLab, type LabTags, type LooseTag, labOf, ofLab } from './tags.ts'

/** Resources beside the lab that only the student's own hand can have made; tells which kinds it may not look at. */
export async function listUnmanaged(clients: Clients, lab: LabTags): Promise<ResourceSearch> {
  const isOurs = (tags: readonly LooseTag[] | undefined) => isOfLab(tags, lab.id)
  const searches = await Promise.all([
    seeing('Elastic IP addresses', () => addressesOf(clients, lab.id, isOurs)),
    seeing('DB snapshots', async () => ours(await snapshots(clients), isOurs)),
    seeing('automated backups', async () => ours(await backups(clients), isOurs)),
    seeing('log groups', () => logGroupsOf(clients, isOurs)),
  ])
  return {
    found: searches.flatMap(({ found }) => found),
    unseen: searches.flatMap(({ unseen }) => unseen),
  }
}

type IsOurs = (tags: readonly LooseTag[] | undefined) => boolean

function ours(all: readonly Tagged[], isOurs: IsOurs): Resource[] {
  return all.filter(({ tags }) => isOurs(tags)).map((each) => each.resource)
}

/** The lab itself needs none of it: a right that is missing must not keep the rest from being deleted. */
async function seeing(what: string, look: () => Promise<Resource[]>): Promise<ResourceSearch> {
  const found = await orNothing(look)
  return found === undefined ? { found: [], unseen: [what] } : { found, unseen: [] }
}

async function orNothing<Thing>(look: () => Promise<Thing[]>): Promise<Thing[] | undefined> {
  try {
    return await look()
  } catch (error) {
    if (means(error, 'denied')) return undefined
    throw error
  }
}

/** An account has a handful of them. One without tags at the lab's server goes on to bill when that is gone. */
async function addressesOf(clients: Clients, labId: string, isOurs: IsOurs): Promise<Resource[]> {
  const all = await addresses(clients)
  if (all.length === 0) return []
  const servers = await instancesBy(clients, [ofLab(labId)])
  return all.flatMap(({ resource, tags, serverId }) => {
    if (isOurs(tags)) return [resource]
    const isAtOurs = serverId !== undefined && servers.some(({ InstanceId }) => InstanceId === serverId)
    return isAtOurs ? [{ ...resource, isUntagged: true }] : []
  })
}

interface Address extends Tagged {
  readonly serverId: string | undefined
}

async function addresses(clients: Clients): Promise<Address[]> {
  return (await allAddresses(clients)).map(
    ({ AllocationId, PublicIp, InstanceId: serverId, Tags: tags = [] }) => ({
      resource: resource('address', AllocationId, PublicIp),
      tags,
      serverId,
    }),
  )
}

async function snapshots(clients: Clients): Promise<Tagged[]> {
  return (await manualSnapshots(clients)).map((each) => {
    const { DBSnapshotIdentifier: id, Status: state, SnapshotCreateTime: madeAt, TagList: tags = [] } = each
    return { resource: resource('snapshot', id, id, { state, madeAt }), tags }
  })
}

async function backups(clients: Clients): Promise<Tagged[]> {
  return (await keptBackups(clients)).map((backup) => {
    const { DbiResourceId, DBInstanceIdentifier, Status: state, TagList: tags = [] } = backup
    return { resource: resource('automated-backup', DbiResourceId, DBInstanceIdentifier, { state }), tags }
  })
}

/** Such resources of all labs, whoever's they are, as far as these credentials may look. */
export async function taggedExtras(clients: Clients): Promise<Tagged[]> {
  const looks = [addresses, snapshots, backups].map((look) => orNothing(() => look(clients)))
  return (await Promise.all(looks))
    .flatMap((found) => found ?? [])
    .filter(({ tags }) => labOf(tags) !== undefined)
}

/** They outlive their database, have names by it, and no tags of the lab's. */
async function logGroupsOf(clients: Clients, isOurs: IsOurs): Promise<Resource[]> {
  return (await allDatabases(clients))
    .filter(({ TagList }) => isOurs(TagList))
    .flatMap(({ DBInstanceIdentifier: id, EnabledCloudwatchLogsExports: logs = [] }) =>
      logs.map((log) => `/aws/rds/instance/${id}/${log}`),
    )
    .map((name) => ({ ...resource('log-group', name, name), isUntagged: true }))
}
