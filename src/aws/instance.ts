import type { Instance } from '@aws-sdk/client-ec2'
import { TAG_LAB_NAME } from '../lab/names.ts'
import type { Resource } from '../lab/ports/resources.ts'
import type { ServerSeen } from '../lab/ports/servers.ts'
import type { BilledServer } from '../lab/usage.ts'
import { resource } from './tagged.ts'
import { tagValue } from './tags.ts'

// Each function takes from AWS's shape of an instance what the lab needs for one purpose: nobody else reads it.

const LIVING: readonly string[] = ['pending', 'running', 'stopping', 'stopped']

/** Ended instances keep their tags for about an hour: only the living count. */
/** AWS goes on telling of an ended instance for an hour, with its tags. */
export function isThere({ State }: Instance): boolean {
  return State?.Name !== 'terminated'
}

export function isLiving({ State }: Instance): boolean {
  return LIVING.includes(State?.Name ?? 'pending')
}

export function serverSeen(instance: Instance): ServerSeen {
  const first = instance.NetworkInterfaces?.find(({ Attachment }) => Attachment?.DeviceIndex === 0)
  return {
    id: instance.InstanceId ?? '',
    state: instance.State?.Name ?? 'pending',
    stateReason: instance.StateReason?.Message ?? '',
    address: instance.PublicIpAddress,
    privateAddress: instance.PrivateIpAddress,
    vpcId: instance.VpcId ?? '',
    subnetId: instance.SubnetId ?? '',
    groupIds: (instance.SecurityGroups ?? []).map((group) => group.GroupId ?? ''),
    launchedAt: instance.LaunchTime?.getTime(),
    interfaceId: first?.NetworkInterfaceId,
    keyName: instance.KeyName,
    lab: tagValue(instance.Tags, TAG_LAB_NAME),
  }
}

export function serverResource({ InstanceId, Tags, State, LaunchTime: madeAt }: Instance): Resource {
  return resource('server', InstanceId, tagValue(Tags, 'Name'), { state: State?.Name, madeAt })
}

export function billedServer(instance: Instance): BilledServer {
  return {
    id: instance.InstanceId ?? '',
    type: instance.InstanceType ?? '',
    // Only living ones are asked about.
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
