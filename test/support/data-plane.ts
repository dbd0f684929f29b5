import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Cloud, newId } from '../../src/practice/cloud.ts'
import type { Engines, Machines } from '../../src/practice/data-plane.ts'
import { freshRegion } from '../../src/practice/ec2/default-network.ts'
import { type Disk, linkTools, openDisk } from '../../src/practice/machine/disk.ts'
import { createGateway, type Gateway } from '../../src/practice/network/gateway.ts'
import { type Places, placesIn } from '../../src/practice/paths.ts'
import { endProcessesWith, PRACTICE_MARK } from '../../src/practice/processes.ts'
import type {
  CloudState,
  Database,
  GroupRule,
  Instance,
  RegionState,
  SecurityGroup,
} from '../../src/practice/state.ts'
import { standIn } from './stand-in.ts'

export const LAPTOP = '203.0.113.7'
const REGION = 'us-west-2'

/** A practice cloud's network in a folder of its own, with no API in front: tests write the state themselves. */
export interface DataPlane {
  readonly home: string
  readonly places: Places
  readonly cloud: Cloud
  readonly region: RegionState
  readonly gateway: Gateway
  readonly logged: string[]
  /** Ends every process of it and removes its folder. */
  remove(): Promise<void>
}

/** Lasts for the running test; inside `beforeAll` use `makeDataPlane` and remove it yourself. */
export function openDataPlane(): DataPlane {
  const plane = makeDataPlane()
  onTestFinished(plane.remove)
  return plane
}

export function makeDataPlane(): DataPlane {
  const home = makeHome()
  const places = placesIn(home)
  const region = freshRegion(REGION)
  const logged: string[] = []
  const state: CloudState = {
    version: 1,
    account: '123456789012',
    laptopAddress: LAPTOP,
    regions: { [REGION]: region },
    ports: {},
  }
  const cloud: Cloud = {
    state,
    pace: {
      instanceStart: 0,
      instanceStop: 0,
      databaseCreate: 0,
      databaseChange: 0,
      databaseDelete: 0,
      terminatedVisible: 0,
    },
    machines: standIn<Machines>('machines', {}),
    engines: standIn<Engines>('engines', {}),
    region: () => region,
    save: () => true,
    schedule: (delayMs, transition) => void setTimeout(transition, delayMs),
    log: (line) => logged.push(line),
  }
  const gateway = createGateway(cloud, places)
  return {
    home,
    places,
    cloud,
    region,
    gateway,
    logged,
    async remove() {
      gateway.closeAll()
      await endProcessesWith(PRACTICE_MARK, places.root)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A FLASKLAB_HOME with a path short enough for sockets; remove it yourself. */
export function makeHome(): string {
  return mkdtempSync('/tmp/fl-')
}

export function addInstance({ region }: DataPlane, wish: Partial<Instance> = {}): Instance {
  const [subnet] = region.subnets
  const number = 10 + region.instances.length
  const instance: Instance = {
    id: newId('i'),
    reservationId: 'r-1',
    imageId: 'ami-1',
    type: 't3.micro',
    subnetId: subnet?.id ?? '',
    vpcId: subnet?.vpcId ?? '',
    zone: subnet?.zone ?? '',
    keyName: undefined,
    privateAddress: `172.31.0.${number}`,
    interfaceId: 'eni-1',
    volumeIds: [],
    clientToken: undefined,
    launchDigest: '',
    hasPublicAddress: true,
    httpTokens: 'required',
    userData: undefined,
    state: 'running',
    since: 0,
    launchedAt: 0,
    publicAddress: `198.51.100.${number}`,
    groupIds: [],
    terminationProtected: false,
    stateReason: undefined,
    interfaceTags: {},
    tags: {},
    ...wish,
  }
  region.instances.push(instance)
  return instance
}

export function addDatabase({ region }: DataPlane, wish: Partial<Database> = {}): Database {
  const [subnet] = region.subnets
  const subnetIds = region.subnets.map(({ id }) => id)
  region.subnetGroups = [
    { name: 'default', description: '', vpcId: subnet?.vpcId ?? '', subnetIds, tags: {} },
  ]
  const database: Database = {
    id: 'flaskdb-instance',
    resourceId: `db-${newId('x').toUpperCase().slice(3)}`,
    engine: 'mysql',
    engineVersion: '8.4.6',
    masterUser: 'admin',
    port: 3306,
    createdAt: 0,
    subnetGroup: 'default',
    vpcId: subnet?.vpcId ?? '',
    zone: subnet?.zone ?? '',
    privateAddress: '172.31.0.200',
    storageType: 'gp3',
    encrypted: true,
    databaseName: undefined,
    lifecycleSupport: 'open-source-rds-extended-support-disabled',
    interfaceId: 'eni-2',
    class: 'db.t3.micro',
    storageGib: 20,
    status: 'available',
    since: 0,
    publiclyAccessible: false,
    backupRetentionDays: 0,
    deletionProtection: false,
    groupIds: [],
    tags: {},
    ...wish,
  }
  region.databases.push(database)
  return database
}

/** A group that lets nothing in and everything out, as AWS makes them. */
export function addGroup({ region }: DataPlane, rules: GroupRule[] = []): SecurityGroup {
  const group: SecurityGroup = {
    id: newId('sg'),
    name: newId('group'),
    description: '',
    vpcId: region.vpcs[0]?.id ?? '',
    rules: [...rules, rule('egress', 'any', '0.0.0.0/0')],
    tags: {},
  }
  region.groups.push(group)
  return group
}

/** `peer` is a CIDR block or the id of a group. */
export function rule(direction: 'ingress' | 'egress', port: number | 'any', peer: string): GroupRule {
  return {
    id: newId('sgr'),
    direction,
    protocol: port === 'any' ? '-1' : 'tcp',
    fromPort: port === 'any' ? -1 : port,
    toPort: port === 'any' ? -1 : port,
    peer: peer.startsWith('sg-') ? { kind: 'group', groupId: peer } : { kind: 'cidr', cidr: peer },
    description: undefined,
    tags: {},
  }
}

/** The disk of an instance, whose Node programs are the built ones: a plain `node` runs them. */
export function diskOf(plane: DataPlane, instance: Instance): Disk {
  linkTools(plane.places)
  const disk = openDisk(plane.places, instance)
  const FLASKLAB_MACHINE = join(import.meta.dirname, '../../dist/practice/machine/')
  return { ...disk, environment: { ...disk.environment, FLASKLAB_MACHINE } }
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a bash line as a process of the instance. */
export async function runOn(disk: Disk, line: string): Promise<Ran> {
  const child = startOn(disk, line)
  child.stdin.end()
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, stdout, stderr }
}

/** Starts a bash line as a process of the instance; it ends with the data plane at the latest. */
export function startOn(disk: Disk, line: string): ChildProcessWithoutNullStreams {
  return spawn('/bin/bash', ['-c', line], { cwd: disk.home, env: disk.environment })
}

export function installNode(disk: Disk): Promise<Ran> {
  return runOn(disk, 'sudo dnf -y install nodejs22')
}

export function writeProgram(disk: Disk, name: string, text: string): string {
  const file = join(disk.home, name)
  writeFileSync(file, text)
  return file
}

/** The TCP ports that a process listens on. */
export function listeningPorts(pid: number): number[] {
  const words = ['-a', '-nP', '-p', String(pid), '-iTCP', '-sTCP:LISTEN', '-Fn']
  const { stdout } = spawnSync('lsof', words, { encoding: 'utf8' })
  return [...stdout.matchAll(/^n.*:(\d+)$/gm)].map(([, port]) => Number(port))
}

/**
 * Something that listens inside an instance or database and tells who is there: the PROXY line that it was given
 * and then whatever it hears.
 */
export async function listenInside(plane: DataPlane, id: string, port: number): Promise<Server> {
  const folder = plane.places.sockets(id)
  mkdirSync(folder, { recursive: true })
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    if (port === 22) socket.write('hello on port 22\n')
    socket.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(join(folder, `${port}.sock`), resolve))
  onTestFinished(() => void server.close())
  return server
}
