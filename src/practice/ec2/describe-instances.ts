import type {
  DescribeInstanceStatusRequest,
  DescribeInstanceStatusResult,
  DescribeInstancesRequest,
  DescribeInstancesResult,
  GetConsoleOutputRequest,
  GetConsoleOutputResult,
  InstanceStatus,
  InstanceStatusSummary,
  Reservation,
} from '@aws-sdk/client-ec2'
import type { Instance, InstanceState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withId, withIds } from './ids.ts'
import { instanceAnswer, stateAnswer, stateCodes } from './instance-answer.ts'
import { pageOf } from './paging.ts'

export function describeInstances(input: DescribeInstancesRequest, call: Call): DescribeInstancesResult {
  refuseBoth(input)
  const instances = withIds(call.region.instances, input.InstanceIds, 'instance')
  const asked = select(instances, input.Filters, fields, ({ tags }) => tags)
  const { items, nextToken } = pageOf(asked, input)
  return { Reservations: reservationsOf(items, call), NextToken: nextToken }
}

function refuseBoth(input: DescribeInstancesRequest): void {
  if (input.MaxResults === undefined || input.InstanceIds === undefined) return
  const text = 'The parameter instancesSet cannot be used with the parameter maxResults'
  throw new AwsError('InvalidParameterCombination', text)
}

export function reservationsOf(instances: readonly Instance[], call: Call): Reservation[] {
  const ids = [...new Set(instances.map(({ reservationId }) => reservationId))]
  return ids.map((id) => ({
    ReservationId: id,
    OwnerId: call.cloud.state.account,
    Groups: [],
    Instances: instances
      .filter(({ reservationId }) => reservationId === id)
      .map((instance) => instanceAnswer(instance, call)),
  }))
}

const fields: Fields<Instance> = {
  'availability-zone': (instance) => instance.zone,
  'client-token': (instance) => instance.clientToken,
  'image-id': (instance) => instance.imageId,
  'instance-id': (instance) => instance.id,
  'instance-state-code': (instance) => stateCodes[instance.state],
  'instance-state-name': (instance) => instance.state,
  'instance-type': (instance) => instance.type,
  'instance.group-id': (instance) => instance.groupIds,
  'ip-address': (instance) => instance.publicAddress,
  'key-name': (instance) => instance.keyName,
  'launch-time': (instance) => new Date(instance.launchedAt).toISOString(),
  'metadata-options.http-tokens': (instance) => instance.httpTokens,
  'network-interface.group-id': (instance) => instance.groupIds,
  'network-interface.network-interface-id': (instance) => instance.interfaceId,
  'network-interface.subnet-id': (instance) => instance.subnetId,
  'private-ip-address': (instance) => instance.privateAddress,
  'reservation-id': (instance) => instance.reservationId,
  'root-device-type': () => 'ebs',
  'state-reason-code': (instance) => instance.stateReason?.code,
  'subnet-id': (instance) => instance.subnetId,
  'vpc-id': (instance) => instance.vpcId,
}

export function describeInstanceStatus(
  input: DescribeInstanceStatusRequest,
  call: Call,
): DescribeInstanceStatusResult {
  const { region, cloud } = call
  const instances = withIds(region.instances, input.InstanceIds, 'instance').filter(
    ({ state }) => input.IncludeAllInstances === true || state === 'running',
  )
  const { items, nextToken } = pageOf(select(instances, input.Filters, fields), input)
  // On AWS the two checks pass a few minutes after the instance runs.
  const untested = (instance: Instance) => Date.now() - instance.since < cloud.pace.instanceStart
  const statuses = items.map((instance) => statusAnswer(instance, untested(instance)))
  return { InstanceStatuses: statuses, NextToken: nextToken }
}

function statusAnswer(instance: Instance, untested: boolean): InstanceStatus {
  const summary = summaryOf(instance.state, untested)
  return {
    InstanceId: instance.id,
    AvailabilityZone: instance.zone,
    InstanceState: stateAnswer(instance),
    InstanceStatus: summary,
    SystemStatus: summary,
    Events: [],
  }
}

function summaryOf(state: InstanceState, untested: boolean): InstanceStatusSummary {
  if (state !== 'running') return { Status: 'not-applicable' }
  return untested
    ? { Status: 'initializing', Details: [{ Name: 'reachability', Status: 'initializing' }] }
    : { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] }
}

export function getConsoleOutput(
  input: GetConsoleOutputRequest,
  { region, cloud }: Call,
): GetConsoleOutputResult {
  const { id, state, since } = withId(region.instances, input.InstanceId, 'instance')
  const text = state === 'terminated' ? '' : cloud.machines.consoleOutput(id)
  const output = text === '' ? undefined : Buffer.from(text).toString('base64')
  return { InstanceId: id, Timestamp: new Date(since), Output: output }
}
