import type { Reservation, RunInstancesRequest } from '@aws-sdk/client-ec2'
import { refuseVcpus } from '../account.ts'
import { newId } from '../cloud.ts'
import type { Instance, RegionState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { refuseUnsupported } from '../wire/unsupported.ts'
import { freePrivateAddress } from './addresses.ts'
import { digestOf, launchedBefore } from './client-tokens.ts'
import { reservationsOf } from './describe-instances.ts'
import { imageNamed, type MachineImage } from './images.ts'
import { type InstanceType, instanceTypeNamed } from './instance-types.ts'
import { bringUp } from './instances.ts'
import { keyNotFound } from './key-pairs.ts'
import { type LaunchNetwork, launchNetwork } from './launch-network.ts'
import { type LaunchVolume, launchVolumes } from './launch-volumes.ts'
import { tagsByType } from './tag-lists.ts'

const MOST_INSTANCES = 9

/** All that a launch needs, once everything in the request has been found and found right. */
interface Plan {
  readonly count: number
  readonly image: MachineImage
  readonly type: InstanceType
  readonly keyName: string | undefined
  readonly network: LaunchNetwork
  readonly volumes: readonly LaunchVolume[]
  readonly tags: ReturnType<typeof launchTags>
}

export function runInstances(input: RunInstancesRequest, call: Call): Reservation {
  const { cloud, region } = call
  refuseUnsupported(input, supported)
  const digest = digestOf(input)
  const earlier = launchedBefore(input, digest, region)
  if (earlier.length > 0) return reservation(earlier, call)
  const plan = planOf(input, call)
  refuseVcpus(plan.count * plan.type.cores, vcpusIn(region), call)
  const reservationId = newId('r')
  const instances = Array.from({ length: plan.count }, () => {
    const instance = instanceOf(plan, input, reservationId, digest, region)
    region.instances.push(instance)
    region.volumes.push(...volumesOf(plan, instance))
    return instance
  })
  for (const instance of instances) bringUp(cloud, region, instance, 'terminated', cloud.launchEnd?.())
  return reservation(instances, call)
}

function vcpusIn({ instances }: RegionState): number {
  return instances
    .filter(({ state }) => state === 'pending' || state === 'running')
    .reduce((sum, { type }) => sum + instanceTypeNamed(type).cores, 0)
}

// CreditSpecification, EbsOptimized, Monitoring and the like change nothing that the practice cloud could show.
const supported = [
  'BlockDeviceMappings',
  'ClientToken',
  'CreditSpecification',
  'DisableApiTermination',
  'DryRun',
  'EbsOptimized',
  'ImageId',
  'InstanceType',
  'KeyName',
  'MaxCount',
  'MetadataOptions',
  'MinCount',
  'Monitoring',
  'NetworkInterfaces',
  'Placement',
  'PrivateDnsNameOptions',
  'PrivateIpAddress',
  'SecurityGroupIds',
  'SecurityGroups',
  'SubnetId',
  'TagSpecifications',
  'UserData',
]

function planOf(input: RunInstancesRequest, call: Call): Plan {
  const { region, regionName } = call
  const image = imageNamed(input.ImageId, regionName)
  const type = instanceTypeNamed(input.InstanceType ?? 'm1.small')
  if (type.architecture !== image.architecture) {
    const text = `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.`
    throw new AwsError('InvalidParameterValue', text)
  }
  if (input.KeyName !== undefined && !region.keyPairs.some(({ name }) => name === input.KeyName)) {
    throw keyNotFound(input.KeyName)
  }
  refuseBadUserData(input.UserData)
  refuseUnsupported(input.Placement ?? {}, ['AvailabilityZone', 'Tenancy', 'GroupName'])
  const network = launchNetwork(input, type.name, call)
  const volumes = launchVolumes(input.BlockDeviceMappings, image)
  const count = countOf(input, network)
  return { count, image, type, keyName: input.KeyName, network, volumes, tags: launchTags(input) }
}

function launchTags(input: RunInstancesRequest) {
  return tagsByType(input.TagSpecifications, ['instance', 'volume', 'network-interface'])
}

function refuseBadUserData(userData: string | undefined): void {
  if (userData === undefined || /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData)) return
  throw new AwsError('InvalidParameterValue', 'Invalid BASE64 encoding of user data.')
}

function countOf(
  { MinCount: least = 1, MaxCount: most = 1 }: RunInstancesRequest,
  network: LaunchNetwork,
): number {
  if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least)) {
    const text = `Value (${most}) for parameter maxCount is invalid. MinCount must be at least 1 and at most MaxCount.`
    throw new AwsError('InvalidParameterValue', text)
  }
  if (network.privateAddress !== undefined && most > 1) {
    throw new AwsError('InvalidParameterCombination', 'A private address can be given to one instance only.')
  }
  if (least > MOST_INSTANCES) {
    const text = `You have requested more instances (${least}) than your current instance limit of ${MOST_INSTANCES} allows for the specified instance type.`
    throw new AwsError('InstanceLimitExceeded', text)
  }
  return Math.min(most, MOST_INSTANCES)
}

function instanceOf(
  { image, type, keyName, network, volumes, tags }: Plan,
  input: RunInstancesRequest,
  reservationId: string,
  launchDigest: string,
  region: RegionState,
): Instance {
  const now = Date.now()
  const { HttpTokens: tokens = 'required', HttpPutResponseHopLimit: hopLimit } = input.MetadataOptions ?? {}
  return {
    id: newId('i'),
    reservationId,
    imageId: image.id,
    type: type.name,
    subnetId: network.subnet.id,
    vpcId: network.subnet.vpcId,
    zone: network.subnet.zone,
    keyName,
    privateAddress: network.privateAddress ?? freePrivateAddress(region, network.subnet),
    interfaceId: newId('eni'),
    volumeIds: volumes.map(() => newId('vol')),
    clientToken: input.ClientToken,
    launchDigest,
    hasPublicAddress: network.hasPublicAddress,
    httpTokens: tokens === 'optional' ? 'optional' : 'required',
    ...(hopLimit === undefined ? {} : { httpHopLimit: hopLimit }),
    userData: input.UserData,
    state: 'pending',
    since: now,
    launchedAt: now,
    publicAddress: undefined,
    groupIds: [...network.groupIds],
    terminationProtected: input.DisableApiTermination ?? false,
    stateReason: undefined,
    interfaceTags: { ...tags['network-interface'] },
    tags: { ...tags.instance },
  }
}

function volumesOf({ volumes, tags }: Plan, instance: Instance): RegionState['volumes'] {
  return volumes.map((volume, index) => ({
    ...volume,
    id: instance.volumeIds[index] ?? newId('vol'),
    zone: instance.zone,
    createdAt: instance.launchedAt,
    instanceId: instance.id,
    tags: { ...tags.volume },
  }))
}

function reservation(instances: readonly Instance[], call: Call): Reservation {
  const [only = {}] = reservationsOf(instances, call)
  return only
}
