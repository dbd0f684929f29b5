import type {
  InstanceStateChange,
  RebootInstancesRequest,
  StartInstancesRequest,
  StartInstancesResult,
  StopInstancesRequest,
  StopInstancesResult,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from '@aws-sdk/client-ec2'
import type { Instance, InstanceState } from '../state.ts'
import { AwsError } from '../wire/aws-error.ts'
import type { Call } from '../wire/operation.ts'
import { withIds } from './ids.ts'
import { stateAnswer } from './instance-answer.ts'
import { bringUp, enter, reboot, shutDown, terminate } from './instances.ts'

export function startInstances(input: StartInstancesRequest, call: Call): StartInstancesResult {
  const instances = meant(input, call)
  refuseStates(instances, ['stopped', 'pending', 'running'], 'started')
  return { StartingInstances: changes(instances, (instance) => start(instance, call)) }
}

function start(instance: Instance, { cloud, region }: Call): void {
  if (instance.state !== 'stopped') return
  instance.stateReason = undefined
  instance.launchedAt = Date.now()
  enter(cloud, instance, 'pending')
  bringUp(cloud, region, instance, 'stopped')
}

export function stopInstances(input: StopInstancesRequest, call: Call): StopInstancesResult {
  const instances = meant(input, call)
  refuseStates(instances, ['running', 'stopping', 'stopped'], 'stopped')
  return { StoppingInstances: changes(instances, (instance) => stop(instance, call)) }
}

function stop(instance: Instance, { cloud }: Call): void {
  if (instance.state !== 'running') return
  instance.stateReason = userInitiated
  shutDown(cloud, instance)
}

export function terminateInstances(input: TerminateInstancesRequest, call: Call): TerminateInstancesResult {
  const instances = meant(input, call)
  const safe = instances.find(
    ({ terminationProtected, state }) => terminationProtected && state !== 'terminated',
  )
  if (safe !== undefined) {
    const text = `The instance '${safe.id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`
    throw new AwsError('OperationNotPermitted', text)
  }
  return {
    TerminatingInstances: changes(instances, (instance) => {
      if (['shutting-down', 'terminated'].includes(instance.state)) return
      instance.stateReason = userInitiated
      terminate(call.cloud, call.region, instance)
    }),
  }
}

const userInitiated = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
}

export function rebootInstances(input: RebootInstancesRequest, call: Call): void {
  const instances = meant(input, call)
  refuseStates(instances, ['running'], 'rebooted')
  for (const instance of instances) reboot(call.cloud, call.region, instance)
}

function meant({ InstanceIds: ids = [] }: StopInstancesRequest, { region }: Call): Instance[] {
  if (ids.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter InstanceId')
  return withIds(region.instances, ids, 'instance')
}

function refuseStates(instances: readonly Instance[], allowed: readonly InstanceState[], done: string): void {
  const wrong = instances.find(({ state }) => !allowed.includes(state))
  if (wrong === undefined) return
  const text = `The instance '${wrong.id}' is not in a state from which it can be ${done}.`
  throw new AwsError('IncorrectInstanceState', text)
}

function changes(
  instances: readonly Instance[],
  change: (instance: Instance) => void,
): InstanceStateChange[] {
  return instances.map((instance) => {
    const before = stateAnswer(instance)
    change(instance)
    return { InstanceId: instance.id, PreviousState: before, CurrentState: stateAnswer(instance) }
  })
}
