import type { Instance, Volume } from '@aws-sdk/client-ec2'
import type { DBInstance } from '@aws-sdk/client-rds'
import type { BilledDatabase, BilledDisk, BilledServer, Inventory } from '../lab/usage.ts'
import type { Clients } from './clients.ts'
import { allDatabases } from './databases.ts'
import { DescribeVolumesCommand } from './sdk.ts'
import { instancesBy, LIVING } from './servers.ts'
import { carries, type Filter } from './tags.ts'

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
    which.servers === undefined ? [] : instancesBy(clients.ec2, [which.servers, LIVING]),
    allDatabases(clients),
  ])
  const ids = instances.map(({ InstanceId = '' }) => InstanceId)
  const volumes = await Promise.all([
    ids.length === 0 ? [] : volumesBy(clients, { Name: 'attachment.instance-id', Values: ids }),
    which.disks === undefined ? [] : volumesBy(clients, which.disks),
  ])
  const disks = new Map(volumes.flat().map((volume) => [volume.VolumeId, volume]))
  return {
    servers: instances.map(toServer),
    disks: [...disks.values()].map(toDisk),
    databases: databases
      .filter((each) => which.isOurs(each) && each.DBInstanceStatus !== 'deleting')
      .map(toDatabase),
  }
}

async function volumesBy({ ec2 }: Clients, which: Filter): Promise<Volume[]> {
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters: [which] }))
  return Volumes.filter(
    ({ State, Tags }) => State !== 'deleting' && State !== 'deleted' && carries(Tags, [which]),
  )
}

function toServer(instance: Instance): BilledServer {
  return {
    id: instance.InstanceId ?? '',
    type: instance.InstanceType ?? '',
    // The filter lets no other state through.
    state: (instance.State?.Name ?? 'pending') as BilledServer['state'],
    startedAt: instance.LaunchTime?.getTime() ?? Date.now(),
    stoppedAt: stopTime(instance.StateTransitionReason),
  }
}

/** AWS writes it into a sentence: `User initiated (2026-11-22 10:00:00 GMT)`. */
function stopTime(reason = ''): number | undefined {
  const [, day, time] = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/.exec(reason) ?? []
  return day === undefined ? undefined : Date.parse(`${day}T${time}Z`)
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

function toDatabase(instance: DBInstance): BilledDatabase {
  return {
    id: instance.DBInstanceIdentifier ?? '',
    class: instance.DBInstanceClass ?? '',
    status: instance.DBInstanceStatus ?? '',
    createdAt: instance.InstanceCreateTime?.getTime(),
    restartsAt: instance.AutomaticRestartTime?.getTime(),
    diskType: instance.StorageType ?? '',
    gb: instance.AllocatedStorage ?? 0,
    engineVersion: instance.EngineVersion ?? '',
    extendedSupport: instance.EngineLifecycleSupport === 'open-source-rds-extended-support',
    isPublic: instance.PubliclyAccessible === true,
    isMultiAz: instance.MultiAZ === true,
  }
}
