import type { BlockDeviceMapping } from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/aws-error.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { type MachineImage, ROOT_DEVICE, ROOT_SIZE_GIB } from './images.ts'

export interface LaunchVolume {
  readonly device: string
  readonly sizeGib: number
  readonly type: string
  readonly encrypted: boolean
  readonly deleteOnTermination: boolean
}

const LARGEST_GIB = 16_384

/** The volumes of a new instance. A device that is not the image's root is one more volume, and an empty one. */
export function launchVolumes(
  mappings: readonly BlockDeviceMapping[] | undefined,
  image: MachineImage,
): LaunchVolume[] {
  const asked = (mappings ?? []).map((mapping) => volumeOf(mapping, image))
  if (new Set(asked.map(({ device }) => device)).size < asked.length) {
    throw new AwsError('InvalidBlockDeviceMapping', 'The same device is mapped twice.')
  }
  const root = {
    device: ROOT_DEVICE,
    sizeGib: ROOT_SIZE_GIB,
    type: 'gp3',
    encrypted: false,
    deleteOnTermination: true,
  }
  return asked.some(({ device }) => device === ROOT_DEVICE) ? asked : [root, ...asked]
}

function volumeOf(
  { DeviceName: device = '', Ebs: disk }: BlockDeviceMapping,
  image: MachineImage,
): LaunchVolume {
  if (!/^\/dev\/(xvd|sd)[a-z]{1,2}[0-9]{0,2}$/.test(device)) {
    const text = `Value (${device}) for parameter device is invalid. ${device} is not a valid EBS device name.`
    throw new AwsError('InvalidBlockDeviceMapping', text)
  }
  if (disk === undefined) {
    throw new AwsError('UnsupportedOperation', 'The practice cloud supports mappings with Ebs only.')
  }
  refuseUnsupported(disk, ['DeleteOnTermination', 'Encrypted', 'VolumeSize', 'VolumeType'])
  const isRoot = device === ROOT_DEVICE
  if (!isRoot && disk.VolumeSize === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter size or snapshotId')
  }
  return {
    device,
    sizeGib: sizeOf(disk.VolumeSize ?? ROOT_SIZE_GIB, isRoot, image),
    type: knownType(disk.VolumeType ?? (isRoot ? 'gp3' : 'gp2')),
    encrypted: disk.Encrypted ?? false,
    deleteOnTermination: disk.DeleteOnTermination ?? true,
  }
}

function sizeOf(size: number, isRoot: boolean, image: MachineImage): number {
  if (isRoot && size < ROOT_SIZE_GIB) {
    const text = `Volume of size ${size}GB is smaller than snapshot '${image.snapshotId}', expect size >= ${ROOT_SIZE_GIB}GB`
    throw new AwsError('InvalidBlockDeviceMapping', text)
  }
  if (Number.isInteger(size) && size >= 1 && size <= LARGEST_GIB) return size
  throw new AwsError(
    'InvalidParameterValue',
    `Volume of ${size}GiB is not between 1GiB and ${LARGEST_GIB}GiB.`,
  )
}

function knownType(type: string): string {
  if (['gp2', 'gp3', 'standard', 'sc1', 'st1'].includes(type)) return type
  throw new AwsError(
    'InvalidParameterValue',
    `Volume type ${type} is not one of gp2, gp3, standard, sc1, st1.`,
  )
}
