import { randomUUID } from 'node:crypto'
import { aws, flasklab } from '../lab/command.ts'
import { toServer } from '../lab/facts.ts'
import { hasCode, LabError } from '../lab/finding.ts'
import type { Network, Subnet } from '../lab/lab.ts'
import { namesOf } from '../lab/names.ts'
import { upInOtherRegion } from '../lab/other-region.ts'
import type { Phase } from '../lab/phase.ts'
import type { Regions } from '../lab/ports/account.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Resources } from '../lab/ports/resources.ts'
import type { ServerSeen, Servers } from '../lab/ports/servers.ts'

import { waitFor } from '../lab/wait.ts'
import { refuseSecond } from './lost-tags.ts'
import { ensureFirewall, findFirewall, type Groups } from './security-groups.ts'

type LaunchKit = Pick<Kit, 'clock' | 'record' | 'tell'> & WithCloud<Servers & Resources & Regions>

const START_MS = 300_000

export const launchInstance: Phase<'server', 'network'> = {
  id: 'launch-instance',
  fact: 'server',
  title: 'Launch the EC2 server',
  lesson:
    'A virtual machine in the default VPC will run the app. Its security group lets SSH in from your address only, and the site (port 5000) in from anywhere; your key pair is the one way to log in.',
  needs: ['network'],

  async find({ network }, kit) {
    const seen = await kit.snapshot.seen.findServer()
    const groups = seen && (await findFirewall(network, kit, ['web']))
    if (seen?.state !== 'running' || !groups || !hasGroups(seen, groups)) return undefined
    tellOfServer(seen.id, kit)
    return toServer(seen)
  },

  async make({ network }, kit) {
    const groups = await ensureFirewall(network, kit)
    kit.tell({ kind: 'step', text: `security groups ${Object.values(groups).join(', ')}` })
    await kit.cloud.ensureKeyPair(await kit.keys.publicKey())
    kit.tell({ kind: 'exists', what: 'key pair', id: kit.record.value.names?.keyPair ?? '' })
    kit.tell({
      kind: 'step',
      text: `key pair ${kit.record.value.names?.keyPair}, private half in ${kit.record.keyFile}`,
    })
    const begun = (await kit.cloud.findServer()) ?? (await launchFirst(groups, network, kit))
    const running = await orAnother(await settle(begun, kit), groups, network, kit)
    // AWS remembers a token beyond its server's life, and would answer with the one that has ended.
    kit.record.save({ launch: undefined })
    if (running.state !== 'running') throw ended(running, kit)
    const groupIds = [...new Set([...running.groupIds, groups.web, groups.link])]
    if (!hasGroups(running, groups)) await kit.cloud.setServerGroups(running.id, groupIds)
    const server = toServer({ ...running, groupIds })
    if (server === undefined) throw noAddress(running.id)
    return server
  },

  describe: (server) => `${server.id} at ${server.address}`,
}

/** One that is interrupted is told of what exists: of each thing once, by its words. */
export function tellOfServer(id: string, { tell, record }: Pick<Kit, 'tell' | 'record'>): void {
  tell({ kind: 'exists', what: `server ${namesOf(record.value).server}`, id })
}

async function launchFirst(groups: Groups, network: Network, kit: LaunchKit): Promise<ServerSeen> {
  // A launch that is under way is asked for by its token: AWS launches no second server for it.
  if (kit.record.value.launch === undefined) await refuseSecond('server', kit)
  return launch(network.serverSubnets, groups, network, kit)
}

/** Launches in the first of the subnets, and in the next ones where a zone has no room. */
async function launch(
  subnets: readonly Subnet[],
  groups: Groups,
  network: Network,
  kit: LaunchKit,
): Promise<ServerSeen> {
  // A launch that was cut off is asked for again, in its subnet, before any other.
  const begun = kit.record.value.launch?.subnetId
  const attempts = subnets.toSorted((one, other) => Number(other.id === begun) - Number(one.id === begun))
  for (const [index, subnet] of attempts.entries()) {
    // A token is bound to its subnet: the one saved is used again only where it was used before.
    const saved = kit.record.value.launch
    const plan =
      saved?.subnetId === subnet.id
        ? saved
        : { token: randomUUID(), subnetId: subnet.id, encrypted: saved?.encrypted ?? true }
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
        privateAddress: undefined,
        vpcId: network.vpcId,
        subnetId: subnet.id,
        groupIds: [],
        launchedAt: undefined,
        interfaceId: undefined,
        keyName: undefined,
        lab: kit.record.value.name,
      }
    } catch (error) {
      if (hasCode(error, 'used-token')) return launchedBefore(subnets, groups, network, kit)
      const isLast = index === attempts.length - 1
      if (isLast || !hasCode(error, 'no-room')) throw error
    }
  }
  throw new LabError({
    what: `No public subnet of ${network.vpcId} in ${kit.cloud.region} can take the server.`,
    remedy: { say: 'Try another region.', run: [upInOtherRegion(kit.cloud.region)] },
  })
}

/** The server that the saved token has launched, as soon as AWS shows it; else another one, with another token. */
async function launchedBefore(
  subnets: readonly Subnet[],
  groups: Groups,
  network: Network,
  kit: LaunchKit,
): Promise<ServerSeen> {
  const patience = { title: 'a server that was asked for before', everyMs: 2_000, forMs: 20_000 }
  const there = await waitFor(patience, () => kit.cloud.findServer(), kit)
  if (there) return there
  kit.record.save({ launch: undefined })
  return launch(subnets, groups, network, kit)
}

/** Waits until the server runs or has ended; one without an address is given a while to get it. */
async function settle({ id, state }: ServerSeen, kit: LaunchKit): Promise<ServerSeen> {
  tellOfServer(id, kit)
  if (state === 'stopped') await start(id, kit)
  const patience = { title: `the server ${id}`, everyMs: 5_000, forMs: START_MS }
  const settled = await waitFor(patience, () => settledServer(id, kit), kit)
  const last = settled ?? (await kit.cloud.lookAtServer(id))
  if (last !== undefined && (settled || last.state === 'running')) return last
  throw new LabError({
    what: `The server ${id} is still not running after ${START_MS / 60_000} minutes.`,
    remedy: { say: 'Give it a few minutes, then go on.', run: [flasklab('up')] },
  })
}

async function start(id: string, kit: Pick<Kit, 'tell'> & WithCloud<Servers>): Promise<void> {
  kit.tell({ kind: 'step', text: `the server ${id} was stopped: starting it` })
  await kit.cloud.startServer(id)
}

async function settledServer(
  id: string,
  kit: Pick<Kit, 'tell'> & WithCloud<Servers>,
): Promise<ServerSeen | undefined> {
  const seen = await kit.cloud.lookAtServer(id)
  if (seen?.state === 'stopped') await start(id, kit)
  if (seen?.state === 'terminated' || seen?.state === 'shutting-down') return seen
  return seen?.state === 'running' && seen.address !== undefined ? seen : undefined
}

/** Launches once more, where what ended the first server does not hold for every other. */
async function orAnother(
  server: ServerSeen,
  groups: Groups,
  network: Network,
  kit: LaunchKit,
): Promise<ServerSeen> {
  if (cantEncrypt(server, kit)) {
    const subnetId = kit.record.value.launch?.subnetId ?? ''
    kit.record.save({ launch: { token: randomUUID(), subnetId, encrypted: false } })
    kit.tell({
      kind: 'note',
      text: 'The server ended at once: this account may not use the key that encrypts volumes. Another one is launched without encryption.',
    })
    return settle(await launch(network.serverSubnets, groups, network, kit), kit)
  }
  // AWS tells no more where a server was that has ended.
  const tried = kit.record.value.launch?.subnetId
  const elsewhere = network.serverSubnets.filter(({ id }) => id !== tried)
  if (!hadNoRoom(server) || elsewhere.length === 0) return server
  kit.tell({
    kind: 'note',
    text: 'The server ended at once: its zone has no room. The other zones are tried.',
  })
  return settle(await launch(elsewhere, groups, network, kit), kit)
}

/** How AWS says that an account has no right to the key of an encrypted volume. */
function cantEncrypt(server: ServerSeen, kit: Pick<Kit, 'record'>): boolean {
  const isRefused = server.state !== 'running' && /Client\.InternalError/.test(server.stateReason)
  return isRefused && kit.record.value.launch?.encrypted === true
}

function hadNoRoom({ state, stateReason }: ServerSeen): boolean {
  return state !== 'running' && /Server\.InsufficientInstanceCapacity/.test(stateReason)
}

function ended({ id, stateReason }: ServerSeen, kit: WithCloud<Regions>): LabError {
  const isDiskLimit = /Client\.VolumeLimitExceeded/.test(stateReason)
  return new LabError({
    what: `The server ${id} ended while it was starting.`,
    why: stateReason || 'AWS gave no reason.',
    remedy: isDiskLimit
      ? {
          say: 'The account may have no more disks: delete some that nobody needs, then launch another server.',
          run: [aws(kit.cloud.region, 'ec2', 'describe-volumes'), flasklab('up')],
        }
      : { say: 'Launch another one; this one needs no cleaning up.', run: [flasklab('up')] },
  })
}

function hasGroups(seen: ServerSeen, groups: Groups): boolean {
  return [groups.web, groups.link].every((id) => seen.groupIds.includes(id))
}

function noAddress(id: string): LabError {
  return new LabError({
    what: `The server ${id} runs but has no public address.`,
    why: 'Its subnet gives none, so nothing outside can reach it.',
    remedy: { say: 'Clean up and launch it again.', run: [flasklab('cleanup'), flasklab('up')] },
  })
}
