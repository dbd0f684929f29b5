import type { Event } from '../../src/lab/events.ts'
import type { Network } from '../../src/lab/lab.ts'
import type { Cloud } from '../../src/lab/ports/cloud.ts'
import type { Group, GroupRule } from '../../src/lab/ports/groups.ts'
import type { Host, Ran } from '../../src/lab/ports/host.ts'
import type { Kit } from '../../src/lab/ports/kit.ts'
import type { KeyMaker } from '../../src/lab/ports/laptop.ts'
import type { LaunchSpec, ServerSeen } from '../../src/lab/ports/servers.ts'
import { createSnapshot } from '../../src/lab/snapshot.ts'
import type { FirewallRule } from '../../src/net/firewall.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { type FakeClock, fakeClock } from '../support/fake-clock.ts'
import { standIn } from '../support/stand-in.ts'
import { tempFolder } from '../support/temp-folder.ts'

export const network: Network = {
  vpcId: 'vpc-1',
  serverSubnets: [
    { id: 'subnet-a', zone: 'us-east-1a' },
    { id: 'subnet-b', zone: 'us-east-1b' },
  ],
  databaseSubnets: [
    { id: 'subnet-a', zone: 'us-east-1a' },
    { id: 'subnet-b', zone: 'us-east-1b' },
  ],
}

export interface FakeWorld extends Disposable {
  readonly kit: Kit
  readonly clock: FakeClock
  readonly events: Event[]
  /** The requests to the cloud that change something. */
  readonly log: string[]
  readonly groups: Group[]
  readonly launches: LaunchSpec[]
  /** Answers of `lookAtServer`, one after the other; the last one for ever. */
  server: ServerSeen[]
  steps(): string[]
}

/** The phases' world: groups that hold rules, servers whose states the test writes, and a record on disk. */
export function fakeWorld(cloud: Partial<Cloud> = {}, more: Partial<Kit> = {}): FakeWorld {
  const folder = tempFolder()
  const clock = fakeClock()
  const events: Event[] = []
  const log: string[] = []
  const groups: Group[] = []
  const launches: LaunchSpec[] = []
  const record = keepRecord(folder.path, newRecord('lab', 'aws', 'us-east-1', undefined))
  const isLiving = ({ state }: ServerSeen) => state !== 'terminated' && state !== 'shutting-down'

  const replace = (id: string, rules: (present: readonly GroupRule[]) => readonly GroupRule[]) => {
    const index = groups.findIndex((group) => group.id === id)
    const group = groups[index]
    if (group) groups[index] = { ...group, rules: rules(group.rules) }
  }
  const here: Cloud = standIn<Cloud>('cloud', {
    region: 'us-east-1',
    look: () => here,
    findGroups: async () => [...groups],
    createGroup: async ({ role, name }) => {
      const id = `sg-${role}`
      log.push(`create ${name}`)
      groups.push({ id, name, role, rules: [everythingOut(`${id}-out`)] })
      return id
    },
    addRule: async (id, rule, description) => {
      log.push(`add ${text(rule)} to ${id}`)
      replace(id, (present) => [
        ...present,
        { ...rule, description, id: `${id}-${present.length}-${log.length}` },
      ])
    },
    removeRules: async (id, gone) => {
      log.push(`remove ${gone.map(text).join(', ')} from ${id}`)
      const ids = gone.map((rule) => rule.id)
      replace(id, (present) => present.filter((rule) => !ids.includes(rule.id)))
    },
    ensureKeyPair: async () => void log.push('key pair'),
    findServer: async () => world.server.find(isLiving),
    lookAtServer: async () => (world.server.length > 1 ? world.server.shift() : world.server[0]),
    launchServer: async (spec) => {
      launches.push(spec)
      log.push(`launch in ${spec.subnet.id}`)
      return `i-${launches.length}`
    },
    findUntagged: async () => [],
    startServer: async (id) => void log.push(`start ${id}`),
    setServerGroups: async (id, ids) => void log.push(`groups of ${id}: ${ids.join(' ')}`),
    ...cloud,
  })
  const world: FakeWorld = {
    clock,
    events,
    log,
    groups,
    launches,
    server: [],
    steps: () => events.flatMap((event) => (event.kind === 'step' ? [event.text] : [])),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
    kit: standIn<Kit>('kit', {
      clock,
      record,
      tell: (event) => void events.push(event),
      myAddress: async () => '203.0.113.7',
      keys: standIn<KeyMaker>('keys', { publicKey: async () => 'ssh-ed25519 AAAA flasklab-lab' }),
      ifInterrupted: () => () => {},
      reach: async (host, port) => ({ host, port }),
      databaseCa: 'CA',
      project: { files: [{ path: 'app.js', content: '1' }], schema: '-- schema' },
      cloud: here,
      snapshot: createSnapshot(here),
      isHandmade: false,
      ...more,
    }),
  }
  return world
}

function everythingOut(id: string): GroupRule {
  const peer = { kind: 'cidr', cidr: '0.0.0.0/0' } as const
  return { id, direction: 'egress', protocol: '-1', fromPort: -1, toPort: -1, peer, description: '' }
}

export function text({ direction, protocol, fromPort, peer }: FirewallRule): string {
  const far = peer.kind === 'cidr' ? peer.cidr : peer.kind === 'group' ? peer.groupId : peer.prefixListId
  return `${direction} ${protocol === '-1' ? 'all' : fromPort} ${far}`
}

export function seen(change: Partial<ServerSeen>): ServerSeen {
  return {
    id: 'i-1',
    state: 'running',
    stateReason: '',
    address: '203.0.113.99',
    privateAddress: '172.31.0.5',
    vpcId: 'vpc-1',
    subnetId: 'subnet-a',
    groupIds: ['sg-web', 'sg-link'],
    launchedAt: Date.UTC(2026, 0, 1),
    interfaceId: 'eni-1',
    keyName: 'flasklab-lab-0a1b',
    lab: 'lab',
    ...change,
  }
}

/** A host that answers each command by what the test says, and remembers commands and what came on stdin. */
export function fakeHost(answer: (command: string) => Partial<Ran>) {
  const ran: { command: string; stdin: string }[] = []
  const run: Host['run'] = async (command, options = {}) => {
    ran.push({ command, stdin: String(options.stdin ?? '') })
    return { code: 0, stdout: '', stderr: '', ...answer(command) }
  }
  return { ran, host: standIn<Host>('host', { run, send: async (_files, command) => run(command) }) }
}
