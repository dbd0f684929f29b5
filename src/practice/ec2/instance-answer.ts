import type {
  Instance as ApiInstance,
  InstanceState as ApiState,
  InstanceNetworkInterface,
} from '@aws-sdk/client-ec2'
import type { Instance, InstanceState } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { ROOT_DEVICE } from './images.ts'
import { instanceTypeNamed } from './instance-types.ts'
import { groupIdentifiers, macAddress } from './network-interfaces.ts'
import { tagListOf } from './tag-lists.ts'

export const stateCodes: Record<InstanceState, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
}

export function stateAnswer({ state }: Instance): ApiState {
  return { Code: stateCodes[state], Name: state }
}

/** An instance as DescribeInstances and RunInstances tell it. */
export function instanceAnswer(instance: Instance, call: Call): ApiInstance {
  const { type, stateReason } = instance
  const { architecture, cores } = instanceTypeNamed(type)
  return {
    InstanceId: instance.id,
    ImageId: instance.imageId,
    InstanceType: instanceTypeNamed(type).name,
    State: stateAnswer(instance),
    StateReason: stateReason && { Code: stateReason.code, Message: stateReason.message },
    StateTransitionReason: transitionReason(instance),
    AmiLaunchIndex: 0,
    Architecture: architecture === 'arm64' ? 'arm64' : 'x86_64',
    BlockDeviceMappings: blockDevices(instance, call),
    ClientToken: instance.clientToken ?? '',
    CpuOptions: { CoreCount: Math.max(1, cores / 2), ThreadsPerCore: cores > 1 ? 2 : 1 },
    EbsOptimized: false,
    EnaSupport: true,
    Hypervisor: 'xen',
    KeyName: instance.keyName,
    LaunchTime: new Date(instance.launchedAt),
    MetadataOptions: {
      State: 'applied',
      HttpTokens: instance.httpTokens,
      HttpPutResponseHopLimit: instance.httpHopLimit ?? 2,
      HttpEndpoint: 'enabled',
      HttpProtocolIpv6: 'disabled',
      InstanceMetadataTags: 'disabled',
    },
    Monitoring: { State: 'disabled' },
    Placement: { AvailabilityZone: instance.zone, GroupName: '', Tenancy: 'default' },
    PlatformDetails: 'Linux/UNIX',
    RootDeviceName: ROOT_DEVICE,
    RootDeviceType: 'ebs',
    UsageOperation: 'RunInstances',
    VirtualizationType: 'hvm',
    Tags: tagListOf(instance.tags),
    ...networkOf(instance, call),
  }
}

/** A terminated instance is in no network any more. */
function networkOf(instance: Instance, call: Call): ApiInstance {
  const { regionName } = call
  if (instance.state === 'terminated') {
    return { NetworkInterfaces: [], SecurityGroups: [], PublicDnsName: '', PrivateDnsName: '' }
  }
  return {
    VpcId: instance.vpcId,
    SubnetId: instance.subnetId,
    PrivateIpAddress: instance.privateAddress,
    PrivateDnsName: privateName(instance.privateAddress, regionName),
    PublicIpAddress: instance.publicAddress,
    PublicDnsName: publicName(instance.publicAddress, regionName),
    SecurityGroups: groupIdentifiers(instance.groupIds, call.region),
    SourceDestCheck: true,
    NetworkInterfaces: [interfaceAnswer(instance, call)],
  }
}

function interfaceAnswer(instance: Instance, { region, regionName, cloud }: Call): InstanceNetworkInterface {
  const { publicAddress, privateAddress } = instance
  const association = publicAddress && {
    IpOwnerId: 'amazon',
    PublicIp: publicAddress,
    PublicDnsName: publicName(publicAddress, regionName),
  }
  return {
    NetworkInterfaceId: instance.interfaceId,
    Association: association || undefined,
    Attachment: {
      AttachmentId: instance.interfaceId.replace('eni-', 'eni-attach-'),
      AttachTime: new Date(instance.launchedAt),
      DeleteOnTermination: true,
      DeviceIndex: 0,
      NetworkCardIndex: 0,
      Status: 'attached',
    },
    Description: '',
    Groups: groupIdentifiers(instance.groupIds, region),
    InterfaceType: 'interface',
    Ipv6Addresses: [],
    MacAddress: macAddress(instance.interfaceId),
    OwnerId: cloud.state.account,
    PrivateDnsName: privateName(privateAddress, regionName),
    PrivateIpAddress: privateAddress,
    PrivateIpAddresses: [
      { Primary: true, PrivateIpAddress: privateAddress, Association: association || undefined },
    ],
    SourceDestCheck: true,
    Status: 'in-use',
    SubnetId: instance.subnetId,
    VpcId: instance.vpcId,
  }
}

function blockDevices(instance: Instance, { region }: Call): ApiInstance['BlockDeviceMappings'] {
  return region.volumes
    .filter(({ instanceId }) => instanceId === instance.id)
    .map((volume) => ({
      DeviceName: volume.device,
      Ebs: {
        VolumeId: volume.id,
        AttachTime: new Date(volume.createdAt),
        DeleteOnTermination: volume.deleteOnTermination,
        Status: 'attached',
      },
    }))
}

function transitionReason({ stateReason, since }: Instance): string {
  if (stateReason?.code !== 'Client.UserInitiatedShutdown') return ''
  return `User initiated (${new Date(since).toISOString().replace('T', ' ').slice(0, 19)} GMT)`
}

function publicName(address: string | undefined, regionName: string): string {
  if (address === undefined) return ''
  const zone = regionName === 'us-east-1' ? 'compute-1' : `${regionName}.compute`
  return `ec2-${address.replaceAll('.', '-')}.${zone}.amazonaws.com`
}

function privateName(address: string, regionName: string): string {
  const zone = regionName === 'us-east-1' ? 'ec2.internal' : `${regionName}.compute.internal`
  return `ip-${address.replaceAll('.', '-')}.${zone}`
}
