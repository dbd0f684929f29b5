import { appendFileSync, existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { CloudGround } from '../cloud.ts'
import type { Machines } from '../data-plane.ts'
import { createFaults, type Faults } from '../faults.ts'
import type { Gateway } from '../network/gateway.ts'
import type { Places } from '../paths.ts'
import { endProcessesWith, INSTANCE_MARK } from '../processes.ts'
import type { Instance } from '../state.ts'
import { authorize, openDisk, readAuthorizedKeys, readConsole } from './disk.ts'
import { consoleBlock } from './host-keys.ts'
import { createServices, type Services } from './services.ts'
import { type SshServer, startSshServer } from './ssh-server.ts'

interface Running {
  readonly services: Services
  readonly ssh: SshServer
}

/** Practice instances: a folder each, an SSH server in front, services inside. */
export function createMachines(
  cloud: CloudGround,
  places: Places,
  gateway: Gateway,
  faults: Faults = createFaults(),
): Machines {
  const running = new Map<string, Running>()

  async function halt(instanceId: string): Promise<void> {
    const machine = running.get(instanceId)
    running.delete(instanceId)
    machine?.ssh.close()
    await machine?.services.shutDown()
    await endProcessesWith(INSTANCE_MARK, instanceId, 300)
  }

  return {
    async boot(instance, publicKey) {
      // A killed practice cloud may have left processes that hold ports and files of this instance.
      await endProcessesWith(INSTANCE_MARK, instance.id)
      const disk = openDisk(places, instance, diskGibOf(instance, cloud))
      const hostKeys = disk.hostKeys()
      const dial = (host: string, port: number, gone: AbortSignal) =>
        gateway.dial({ kind: 'instance', instance: current(instance, cloud) }, host, port, gone)
      const isFirstBoot = !existsSync(disk.consoleFile)
      if (isFirstBoot && publicKey !== undefined) authorize(disk, publicKey)
      const ssh = await startSshServer(disk, hostKeys, () => readAuthorizedKeys(disk), dial, faults)
      const services = createServices(disk)
      running.set(instance.id, { services, ssh })
      try {
        await services.boot()
        for (const port of new Set([22, ...portsOf(instance.id, cloud)]))
          await gateway.open(instance.id, port)
      } catch (error) {
        await halt(instance.id)
        throw error
      }
      if (isFirstBoot) appendFileSync(disk.consoleFile, consoleBlock(hostKeys), { mode: 0o600 })
    },
    halt,
    async destroy(instanceId) {
      await halt(instanceId)
      gateway.close(instanceId)
      // A thousand files of node_modules: meanwhile others' terminals must not stand still.
      await rm(places.machine(instanceId), { recursive: true, force: true, maxRetries: 5 })
      await rm(places.sockets(instanceId), { recursive: true, force: true })
    },
    consoleOutput: (instanceId) => readConsole(places, instanceId),
  }
}

/** The instance as it is now: its groups may have changed since it booted. */
function current(instance: Instance, { state }: CloudGround): Instance {
  const all = Object.values(state.regions).flatMap((region) => region.instances)
  return all.find((each) => each.id === instance.id) ?? instance
}

function diskGibOf({ id }: Instance, { state }: CloudGround): number | undefined {
  const volumes = Object.values(state.regions).flatMap((region) => region.volumes)
  return volumes.find(({ instanceId }) => instanceId === id)?.sizeGib
}

function portsOf(instanceId: string, { state }: CloudGround): number[] {
  return Object.keys(state.ports)
    .filter((key) => key.startsWith(`${instanceId}:`))
    .map((key) => Number(key.slice(instanceId.length + 1)))
}
