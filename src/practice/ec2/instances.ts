import type { Cloud } from '../cloud.ts'
import type { LaunchEnd } from '../faults.ts'
import type { Instance, InstanceState, RegionState } from '../state.ts'
import { freePublicAddress } from './addresses.ts'

/** Boots an instance that is `pending`. One that can't be booted, or has an `end` planned, ends in the state `otherwise`. */
export function bringUp(
  cloud: Cloud,
  region: RegionState,
  instance: Instance,
  otherwise: 'terminated' | 'stopped',
  end?: LaunchEnd,
): void {
  if (instance.hasPublicAddress) instance.publicAddress ??= freePublicAddress(cloud.state)
  const booted = failureOf(() => boot(cloud, region, instance))
  cloud.schedule(cloud.pace.instanceStart, async () => {
    const failure = await booted
    if (instance.state !== 'pending') return settle(cloud, instance)
    if (failure === undefined && end === undefined) return enter(cloud, instance, 'running')
    if (failure !== undefined) cloud.log(`${instance.id} could not be booted: ${failure}`)
    instance.stateReason = end ?? {
      code: 'Server.InternalError',
      message: `Server.InternalError: Internal error on launch (${failure})`,
    }
    instance.publicAddress = undefined
    if (otherwise === 'stopped') return enter(cloud, instance, 'stopped')
    await remove(cloud, region, instance)
  })
}

export function shutDown(cloud: Cloud, instance: Instance): void {
  enter(cloud, instance, 'stopping')
  finishStopping(cloud, instance)
}

function finishStopping(cloud: Cloud, instance: Instance): void {
  const halted = failureOf(() => cloud.machines.halt(instance.id))
  cloud.schedule(cloud.pace.instanceStop, async () => {
    report(cloud, instance, 'halted', await halted)
    if (instance.state !== 'stopping') return
    instance.publicAddress = undefined
    enter(cloud, instance, 'stopped')
  })
}

export function terminate(cloud: Cloud, region: RegionState, instance: Instance): void {
  enter(cloud, instance, 'shutting-down')
  finishTerminating(cloud, region, instance)
}

function finishTerminating(cloud: Cloud, region: RegionState, instance: Instance): void {
  cloud.schedule(cloud.pace.instanceStop, () => remove(cloud, region, instance))
}

/** An instance restarts without leaving the state `running`. */
export function reboot(cloud: Cloud, region: RegionState, instance: Instance): void {
  cloud.schedule(0, async () => {
    await cloud.machines.halt(instance.id)
    if (instance.state !== 'running') return
    report(cloud, instance, 'booted again', await failureOf(() => boot(cloud, region, instance)))
    if (instance.state !== 'running') await settle(cloud, instance)
  })
}

/** Drives on what a stop of the practice cloud interrupted, and boots again what was running. */
export function resumeInstances(cloud: Cloud): void {
  for (const region of Object.values(cloud.state.regions)) {
    for (const instance of region.instances) resume(cloud, region, instance)
  }
}

function resume(cloud: Cloud, region: RegionState, instance: Instance): void {
  switch (instance.state) {
    case 'pending':
      // Its disk may hold somebody's work already: a boot that fails must not remove it.
      return bringUp(cloud, region, instance, 'stopped')
    case 'running':
      return reboot(cloud, region, instance)
    case 'stopping':
      return finishStopping(cloud, instance)
    case 'shutting-down':
      return finishTerminating(cloud, region, instance)
    case 'terminated':
      return forgetLater(cloud, region, instance)
    case 'stopped':
      return
  }
}

async function remove(cloud: Cloud, region: RegionState, instance: Instance): Promise<void> {
  report(cloud, instance, 'destroyed', await failureOf(() => cloud.machines.destroy(instance.id)))
  const own = (volume: { instanceId: string | undefined }) => volume.instanceId === instance.id
  region.volumes = region.volumes.filter((volume) => !own(volume) || !volume.deleteOnTermination)
  for (const volume of region.volumes.filter(own)) volume.instanceId = undefined
  instance.groupIds = []
  instance.publicAddress = undefined
  enter(cloud, instance, 'terminated')
  forgetLater(cloud, region, instance)
}

function forgetLater(cloud: Cloud, region: RegionState, instance: Instance): void {
  const left = instance.since + cloud.pace.terminatedVisible - Date.now()
  cloud.schedule(Math.max(0, left), () => {
    region.instances = region.instances.filter(({ id }) => id !== instance.id)
    cloud.save()
  })
}

/** A boot that ended after its instance was told to go: the world must follow the state once more. */
async function settle(cloud: Cloud, instance: Instance): Promise<void> {
  const gone = instance.state === 'shutting-down' || instance.state === 'terminated'
  await (gone ? cloud.machines.destroy(instance.id) : cloud.machines.halt(instance.id))
}

function boot(cloud: Cloud, region: RegionState, instance: Instance): Promise<void> {
  const pair = region.keyPairs.find(({ name }) => name === instance.keyName)
  return cloud.machines.boot(instance, pair?.publicKey)
}

/** Puts the instance into a state as of now, and saves. */
export function enter(cloud: Cloud, instance: Instance, state: InstanceState): void {
  instance.state = state
  instance.since = Date.now()
  cloud.save()
}

function report(cloud: Cloud, instance: Instance, done: string, failure: string | undefined): void {
  if (failure !== undefined) cloud.log(`${instance.id} could not be ${done}: ${failure}`)
}

async function failureOf(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
