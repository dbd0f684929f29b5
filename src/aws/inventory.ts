import type { Volume } from '@aws-sdk/client-ec2'
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

/** What of it is billed; what is on its way out is not. */
export async function takeInventory(clients: Clients, which: Wanted): Promise<Inventory> {
  const [instances, databases] = await Promise.all([
    which.servers === undefined ? [] : instancesBy(clients, [which.servers]),
    allDatabases(clients),
  ])
  const living = instances.filter(isLiving)
  const ids = living.map(({ InstanceId = '' }) => InstanceId)
  const volumes = await Promise.all([
    ids.length === 0 ? [] : volumesBy(clients, [{ Name: 'attachment.instance-id', Values: ids }]),
    which.disks === undefined ? [] : volumesBy(clients, [which.disks]),
  ])
  const disks = new Map(
    volumes
      .flat()
      .filter(({ State }) => State !== 'deleting' && State !== 'deleted')
      .map((volume) => [volume.VolumeId, volume]),
  )
  return {
    servers: living.map(billedServer),
    disks: [...disks.values()].map(toDisk),
    databases: databases.filter((each) => which.isOurs(each) && isStaying(each)).map(billedDatabase),
  }
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
