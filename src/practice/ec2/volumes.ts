import type {
  Volume as ApiVolume,
  DeleteVolumeRequest,
  DescribeVolumesRequest,
  DescribeVolumesResult,
  VolumeType,
} from '@aws-sdk/client-ec2'
import type { Volume } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withId, withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { tagListOf } from './tag-lists.ts'

export function describeVolumes(input: DescribeVolumesRequest, { region }: Call): DescribeVolumesResult {
  const volumes = withIds(region.volumes, input.VolumeIds, 'volume')
  const { items, nextToken } = pageOf(
    select(volumes, input.Filters, fields, ({ tags }) => tags),
    input,
  )
  return { Volumes: items.map(answer), NextToken: nextToken }
}

const fields: Fields<Volume> = {
  'attachment.delete-on-termination': (volume) => volume.deleteOnTermination,
  'attachment.device': (volume) => volume.device,
  'attachment.instance-id': (volume) => volume.instanceId,
  'attachment.status': (volume) => (volume.instanceId === undefined ? undefined : 'attached'),
  'availability-zone': (volume) => volume.zone,
  encrypted: (volume) => volume.encrypted,
  size: (volume) => volume.sizeGib,
  status: (volume) => statusOf(volume),
  'volume-id': (volume) => volume.id,
  'volume-type': (volume) => volume.type,
}

function statusOf(volume: Volume): 'available' | 'in-use' {
  return volume.instanceId === undefined ? 'available' : 'in-use'
}

function answer(volume: Volume): ApiVolume {
  const created = new Date(volume.createdAt)
  const attachment = {
    AttachTime: created,
    DeleteOnTermination: volume.deleteOnTermination,
    Device: volume.device,
    InstanceId: volume.instanceId,
    State: 'attached' as const,
    VolumeId: volume.id,
  }
  return {
    VolumeId: volume.id,
    AvailabilityZone: volume.zone,
    CreateTime: created,
    Encrypted: volume.encrypted,
    Iops: volume.type === 'gp3' ? 3000 : undefined,
    Throughput: volume.type === 'gp3' ? 125 : undefined,
    MultiAttachEnabled: false,
    Size: volume.sizeGib,
    SnapshotId: '',
    State: statusOf(volume),
    // The launch accepts only types of this list.
    VolumeType: volume.type as VolumeType,
    Attachments: volume.instanceId === undefined ? [] : [attachment],
    Tags: tagListOf(volume.tags),
  }
}

export function deleteVolume(input: DeleteVolumeRequest, { region }: Call): void {
  const volume = withId(region.volumes, input.VolumeId, 'volume')
  if (volume.instanceId !== undefined) {
    const text = `Volume ${volume.id} is currently attached to ${volume.instanceId}`
    throw new AwsError('VolumeInUse', text)
  }
  region.volumes = region.volumes.filter(({ id }) => id !== volume.id)
}
