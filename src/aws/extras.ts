import type { Resource, Sight } from '../lab/ports.ts'
import type { Clients } from './clients.ts'
import { allDatabases } from './databases.ts'
import { isCode } from './errors.ts'
import { resource } from './resources.ts'
import {
  DescribeAddressesCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeInstancesCommand,
} from './sdk.ts'
import { carries, isOfLab, type LabTags, type LooseTag, ofLab } from './tags.ts'

/** What only a student's own hand can have made beside the lab. Those who may not look are told so. */
export async function listExtras(clients: Clients, lab: LabTags): Promise<Sight> {
  const isOurs = (tags: readonly LooseTag[] | undefined) => isOfLab(tags, lab.id)
  const sights = await Promise.all([
    seeing('Elastic IP addresses', () => addressesOf(clients, lab.id, isOurs)),
    seeing('DB snapshots', () => snapshotsOf(clients, isOurs)),
    seeing('automated backups', () => keptBackupsOf(clients, isOurs)),
    seeing('log groups', () => logGroupsOf(clients, isOurs)),
  ])
  return {
    found: sights.flatMap(({ found }) => found),
    unseen: sights.flatMap(({ unseen }) => unseen),
  }
}

type IsOurs = (tags: readonly LooseTag[] | undefined) => boolean

/** The lab itself needs none of it: a right that is missing must not keep the rest from being deleted. */
async function seeing(what: string, look: () => Promise<Resource[]>): Promise<Sight> {
  try {
    return { found: await look(), unseen: [] }
  } catch (error) {
    if (isCode(error, 'AccessDenied', 'UnauthorizedOperation')) return { found: [], unseen: [what] }
    throw error
  }
}

/** An account has a handful of them. One without tags at the lab's server goes on to bill when that is gone. */
async function addressesOf({ ec2 }: Clients, labId: string, isOurs: IsOurs): Promise<Resource[]> {
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}))
  if (Addresses.length === 0) return []
  const Filters = [ofLab(labId)]
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }))
  const servers = Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(({ Tags }) => carries(Tags, Filters))
    .map(({ InstanceId }) => InstanceId)
  return Addresses.flatMap(({ AllocationId, PublicIp, InstanceId, Tags }) => {
    const address = resource('address', AllocationId, PublicIp)
    if (isOurs(Tags)) return [address]
    return InstanceId && servers.includes(InstanceId) ? [{ ...address, isUntagged: true }] : []
  })
}

async function snapshotsOf({ rds }: Clients, isOurs: IsOurs): Promise<Resource[]> {
  const all: Resource[] = []
  let Marker: string | undefined
  do {
    const page = await rds.send(
      new DescribeDBSnapshotsCommand({ SnapshotType: 'manual', ...(Marker === undefined ? {} : { Marker }) }),
    )
    for (const each of page.DBSnapshots ?? []) {
      const { DBSnapshotIdentifier: id, Status: state, SnapshotCreateTime: madeAt } = each
      if (isOurs(each.TagList)) all.push(resource('snapshot', id, id, { state, madeAt }))
    }
    Marker = page.Marker
  } while (Marker)
  return all
}

/** Those of a database that is there go with it. */
async function keptBackupsOf({ rds }: Clients, isOurs: IsOurs): Promise<Resource[]> {
  const Filters = [{ Name: 'status', Values: ['retained'] }]
  const { DBInstanceAutomatedBackups = [] } = await rds.send(
    new DescribeDBInstanceAutomatedBackupsCommand({ Filters }),
  )
  return DBInstanceAutomatedBackups.filter(({ TagList }) => isOurs(TagList)).map((backup) =>
    resource('automated-backup', backup.DbiResourceId, backup.DBInstanceIdentifier, { state: backup.Status }),
  )
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
