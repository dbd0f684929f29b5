import { createHash } from 'node:crypto'
import type {
  ArchitectureValues,
  DescribeImagesRequest,
  DescribeImagesResult,
  Image,
} from '@aws-sdk/client-ec2'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withId, withIds } from './ids.ts'
import { pageOf } from './paging.ts'

export const ROOT_DEVICE = '/dev/xvda'
export const ROOT_SIZE_GIB = 8

const AMAZON = '137112412989'
const RELEASE = '2023.12.20261109.0'
const CREATED = '2026-11-10T00:20:41.000Z'

export interface MachineImage {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly architecture: ArchitectureValues
  readonly snapshotId: string
  /** The parameters of Systems Manager that name this image. */
  readonly parameters: readonly string[]
}

/** The Amazon Linux images of a region. Their ids differ from region to region, as on AWS. */
function imagesOf(regionName: string): MachineImage[] {
  return (['x86_64', 'arm64'] as const).flatMap((architecture) => [
    image(regionName, architecture, 'al2023-ami', '6.1', []),
    image(regionName, architecture, 'al2023-ami', '6.12', []),
    image(regionName, architecture, 'al2023-ami', '6.18', ['default']),
    image(regionName, architecture, 'al2023-ami-minimal', '6.18', ['default']),
  ])
}

function image(
  regionName: string,
  architecture: ArchitectureValues,
  family: string,
  kernel: string,
  aliases: readonly string[],
): MachineImage {
  const name = `${family}-${RELEASE}-kernel-${kernel}-${architecture}`
  const digest = createHash('sha256').update(`${regionName} ${name}`).digest('hex').slice(0, 16)
  return {
    id: `ami-0${digest}`,
    name,
    description: `Amazon Linux 2023 AMI ${RELEASE} ${architecture} HVM kernel-${kernel}`,
    architecture,
    snapshotId: `snap-0${digest}`,
    parameters: [kernel, ...aliases].map(
      (version) => `/aws/service/ami-amazon-linux-latest/${family}-kernel-${version}-${architecture}`,
    ),
  }
}

/** The image that a launch names, by its id or by `resolve:ssm:` and a parameter. */
export function imageNamed(imageId: string | undefined, regionName: string): MachineImage {
  if (imageId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter ImageId')
  }
  const parameter = /^resolve:ssm:([^:]+)(:.*)?$/.exec(imageId)?.[1]
  if (parameter === undefined) return withId(imagesOf(regionName), imageId, 'image')
  const found = imagesOf(regionName).find(({ parameters }) => parameters.includes(parameter))
  if (found !== undefined) return found
  throw new AwsError('InvalidParameterValue', `The Systems Manager parameter ${parameter} does not exist.`)
}

export function describeImages(input: DescribeImagesRequest, { regionName }: Call): DescribeImagesResult {
  const owned = (input.Owners ?? ['amazon']).some((owner) => owner === 'amazon' || owner === AMAZON)
  const images = withIds(imagesOf(regionName), input.ImageIds, 'image').filter(() => owned)
  const { items, nextToken } = pageOf(
    select(images, input.Filters, fields, () => ({})),
    input,
    1,
  )
  return { Images: items.map(answer), NextToken: nextToken }
}

const fields: Fields<MachineImage> = {
  architecture: (image) => image.architecture,
  'block-device-mapping.volume-type': () => 'gp3',
  'creation-date': () => CREATED,
  description: (image) => image.description,
  'ena-support': () => true,
  hypervisor: () => 'xen',
  'image-id': (image) => image.id,
  'image-type': () => 'machine',
  'is-public': () => true,
  name: (image) => image.name,
  'owner-alias': () => 'amazon',
  'owner-id': () => AMAZON,
  'root-device-name': () => ROOT_DEVICE,
  'root-device-type': () => 'ebs',
  state: () => 'available',
  'virtualization-type': () => 'hvm',
}

function answer(image: MachineImage): Image {
  return {
    ImageId: image.id,
    ImageLocation: `amazon/${image.name}`,
    ImageOwnerAlias: 'amazon',
    ImageType: 'machine',
    OwnerId: AMAZON,
    Name: image.name,
    Description: image.description,
    Architecture: image.architecture,
    CreationDate: CREATED,
    DeprecationTime: '2027-02-08T00:20:00.000Z',
    Public: true,
    State: 'available',
    BootMode: image.architecture === 'arm64' ? 'uefi' : 'uefi-preferred',
    EnaSupport: true,
    Hypervisor: 'xen',
    ImdsSupport: 'v2.0',
    PlatformDetails: 'Linux/UNIX',
    RootDeviceName: ROOT_DEVICE,
    RootDeviceType: 'ebs',
    SriovNetSupport: 'simple',
    UsageOperation: 'RunInstances',
    VirtualizationType: 'hvm',
    BlockDeviceMappings: [
      {
        DeviceName: ROOT_DEVICE,
        Ebs: {
          DeleteOnTermination: true,
          Encrypted: false,
          Iops: 3000,
          SnapshotId: image.snapshotId,
          Throughput: 125,
          VolumeSize: ROOT_SIZE_GIB,
          VolumeType: 'gp3',
        },
      },
    ],
  }
}
