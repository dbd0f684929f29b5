import { inspectHost, installPackages, parseHost, waitForFirstBoot } from '../host/commands.ts'
import { onServer } from '../lab/command.ts'
import { hasCode, LabError } from '../lab/finding.ts'
import type { HostFact } from '../lab/lab.ts'
import type { Phase } from '../lab/phase.ts'
import type { Host } from '../lab/ports/host.ts'
import { BOOT_MS, connectTo, knownKeys } from './host-key.ts'
import { run } from './run.ts'

const INSTALL_MS = 600_000
const LOOK_MS = 5_000

export const installDependencies: Phase<'host', 'server'> = {
  id: 'install-dependencies',
  fact: 'host',
  title: 'Connect over SSH and install the software',
  lesson:
    'The server answers SSH only to your private key, and proves with its host key that it is yours. It gets Node.js, which runs the app, and the MySQL client.',
  needs: ['server'],

  async find({ server }, kit) {
    if (knownKeys(server, kit) === undefined) return undefined
    try {
      return await inspect(await connectTo(server, kit, LOOK_MS))
    } catch (error) {
      // A server that has just started again does not answer yet, or lets nobody in: make() has the patience, and the
      // right words.
      if (hasCode(error, 'no-answer') || hasCode(error, 'denied')) return undefined
      throw error
    }
  },

  async make({ server }, kit) {
    const host = await connectTo(server, kit, BOOT_MS)
    kit.tell({ kind: 'step', text: `SSH works as ec2-user@${server.address}` })
    await run(host, waitForFirstBoot, 'wait for the first boot to end', { kit, timeoutMs: INSTALL_MS })
    await run(host, installPackages, 'install nodejs22 and mariadb105', { kit, timeoutMs: INSTALL_MS })
    const found = await inspect(host)
    if (found) return found
    throw new LabError({
      what: `The software on ${server.id} is not complete although dnf reported success.`,
      remedy: { say: 'Look at what dnf wrote.', run: [onServer('tail -n 30 flasklab-dnf.log')] },
    })
  },

  describe: (host) => `Node.js at ${host.node}, and the mysql client`,
}

async function inspect(host: Host): Promise<HostFact | undefined> {
  const { code, stdout } = await host.run(inspectHost)
  return code === 0 ? parseHost(stdout) : undefined
}
