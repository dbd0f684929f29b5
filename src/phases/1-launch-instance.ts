import { randomUUID } from 'node:crypto'
import { hasCode, LabError } from '../lab/finding.ts'
import { handout, type Network, type Server } from '../lab/lab.ts'
import { phase } from '../lab/phase.ts'
import type { Kit, ServerSeen } from '../lab/ports.ts'
import { waitFor } from '../lab/wait.ts'
import { ensureFirewall, findFirewall, type Groups } from './firewall.ts'

const START_MS = 300_000

export const launchInstance = phase<'server', 'network'>({
  number: 1,
  id: 'launch-instance',
  fact: 'server',
  title: 'Launch the EC2 server',
  lesson:
    'A virtual machine in the default VPC will run the app. Its security group lets SSH in from your address only, and the site (port 5000) in from anywhere; your key pair is the one way to log in.',
  needs: ['network'],

  async find({ network }, kit) {
    const seen = await kit.cloud.findServer()
    const groups = seen && (await findFirewall(network, kit))
    if (seen?.state !== 'running' || !groups || !hasGroups(seen, groups)) return undefined
    kit.tell({
      kind: 'exists',
      what: `server ${kit.record.value.names?.server ?? handout.server}`,
      id: seen.id,
    })
    return complete(seen)
  },

  async make({ network }, kit) {
    const groups = await ensureFirewall(network, kit)
    kit.tell({ kind: 'step', text: `security groups ${Object.values(groups).join(', ')}` })
    await kit.cloud.ensureKeyPair(await kit.keys.publicKey())
    kit.tell({
      kind: 'step',
      text: `key pair ${kit.record.value.names?.keyPair}, private half in ${kit.record.keyFile}`,
    })
    const seen = (await kit.cloud.findServer()) ?? (await launch(network, groups, kit))
    kit.tell({
      kind: 'exists',
      what: `server ${kit.record.value.names?.server ?? handout.server}`,
      id: seen.id,
    })
    if (seen.state === 'stopped') await kit.cloud.startServer(seen.id)
    const running = await untilRunning(seen.id, kit)
    if (!hasGroups(running, groups)) {
      await kit.cloud.setServerGroups(running.id, [
        ...new Set([...running.groupIds, groups.web, groups.link]),
      ])
    }
    const server = complete({
      ...running,
      groupIds: [...new Set([...running.groupIds, groups.web, groups.link])],
    })
    if (server === undefined) throw noAddress(running.id)
    return server
  },

  describe: (server) => `${server.id} at ${server.address}`,
})

/** Launches in the first public subnet, and in the next ones where a zone has no room. */
async function launch(network: Network, groups: Groups, kit: Kit): Promise<ServerSeen> {
  const attempts = network.serverSubnets
  for (const [index, subnet] of attempts.entries()) {
    // A token is bound to its subnet: the one saved is used again only where it was used before.
    const saved = kit.record.value.launch
    const plan =
      saved?.subnetId === subnet.id ? saved : { token: randomUUID(), subnetId: subnet.id, encrypted: true }
    kit.record.save({ launch: plan })
    try {
      const id = await kit.cloud.launchServer({
        subnet,
        groupIds: [groups.web, groups.link],
        token: plan.token,
        encrypted: plan.encrypted,
      })
      kit.tell({ kind: 'step', text: `asked for ${id} in ${subnet.zone}` })
      return {
        id,
        state: 'pending',
        stateReason: '',
        address: undefined,
        vpcId: network.vpcId,
        groupIds: [],
        hostKeyTag: undefined,
      }
    } catch (error) {
      const isLast = index === attempts.length - 1
      if (isLast || !hasCode(error, 'no-room')) throw error
    }
  }
  throw new LabError({
    what: `No public subnet of ${network.vpcId} can take the server.`,
    remedy: { say: 'Try another region.', run: ['flasklab up --lab another-name --region us-west-2'] },
  })
}

async function untilRunning(id: string, kit: Kit): Promise<ServerSeen> {
  const title = `the server ${id}`
  const seen = await waitFor({ title, everyMs: 5_000, forMs: START_MS }, () => runningOrFailed(id, kit), kit)
  if (seen?.state === 'running') return seen
  throw new LabError({
    what: `The server ${id} is still not running after ${START_MS / 60_000} minutes.`,
    remedy: { say: 'Give it a few minutes, then go on.', run: ['flasklab up'] },
  })
}

async function runningOrFailed(id: string, kit: Kit): Promise<ServerSeen | undefined> {
  const seen = await kit.cloud.lookAtServer(id)
  if (seen?.state === 'stopped') await kit.cloud.startServer(id)
  if (seen?.state === 'terminated' || seen?.state === 'shutting-down') {
    kit.record.save({ launch: undefined })
    throw new LabError({
      what: `The server ${id} ended while it was starting.`,
      why: seen.stateReason || 'AWS gave no reason.',
      remedy: { say: 'Launch another one; this one needs no cleaning up.', run: ['flasklab up'] },
    })
  }
  return seen?.state === 'running' && seen.address !== undefined ? seen : undefined
}

function hasGroups(seen: ServerSeen, groups: Groups): boolean {
  return [groups.web, groups.link].every((id) => seen.groupIds.includes(id))
}

function complete({ id, address, vpcId, groupIds }: ServerSeen): Server | undefined {
  return address === undefined ? undefined : { id, address, vpcId, groupIds }
}

function noAddress(id: string): LabError {
  return new LabError({
    what: `The server ${id} runs but has no public address.`,
    why: 'Its subnet gives none, so nothing outside can reach it.',
    remedy: { say: 'Clean up and launch it again.', run: ['flasklab cleanup', 'flasklab up'] },
  })
}
