import type { Instance, Volume } from '@aws-sdk/client-ec2'
import type { DBInstance } from '@aws-sdk/client-rds'
import type { BilledDisk, Inventory } from '../lab/usage.ts'
import type { Clients } from './clients.ts'
import { billedDatabase, isStaying } from './db-instance.ts'
import { billedServer, isLiving } from './instance.ts'
import { allDatabases, instancesBy, volumesBy } from './lists.ts'
import type { Filter } from './tags.ts'

/** Which servers, disks and databases are meant. */
export interface Wanted {
  readonly servers: Filter | undefined
  /** Besides those that are attached to the servers. */
  readonly disks: Filter | undefined
  readonly isOurs: (database: DBInstance) => boolean
}

/** The servers, disks and databases that are billed; those on their way out are not. */
export async function takeInventory(clients: Clients, which: Wanted): Promise<Inventory> {
  const [instances, databases, ours] = await Promise.all([
    which.servers === undefined ? [] : instancesBy(clients, [which.servers]),
    allDatabases(clients),
    which.disks === undefined ? [] : volumesBy(clients, [which.disks]),
  ])
  const living = instances.filter(isLiving)
  const disks = new Map(
    [...(await attachedVolumes(clients, living, ours)), ...ours]
      .filter(({ State }) => State !== 'deleting' && State !== 'deleted')
      .map((volume) => [volume.VolumeId, volume]),
  )
  return {
    servers: living.map(billedServer),
    disks: [...disks.values()].map(toDisk),
    databases: databases.filter((each) => which.isOurs(each) && isStaying(each)).map(billedDatabase),
  }
}

/** Further disks at the servers: a student's own hand may have put them there. */
async function attachedVolumes(
  clients: Clients,
  servers: readonly Instance[],
  known: readonly Volume[],
): Promise<Volume[]> {
  const others = servers.filter(
    ({ BlockDeviceMappings: disks = [] }) =>
      disks.length === 0 ||
      disks.some(({ Ebs }) => !known.some(({ VolumeId }) => VolumeId === Ebs?.VolumeId)),
  )
  if (others.length === 0) return []
  const ids = others.map(({ InstanceId = '' }) => InstanceId)
  return volumesBy(clients, [{ Name: 'attachment.instance-id', Values: ids }])
}

function toDisk(volume: Volume): BilledDisk {
  return {
    id: volume.VolumeId ?? '',
    type: volume.VolumeType ?? '',
    gb: volume.Size ?? 0,
    createdAt: volume.CreateTime?.getTime() ?? Date.now(),
    serverId: volume.Attachments?.[0]?.InstanceId,
  }
}
