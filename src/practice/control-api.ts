import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Cloud } from './cloud.ts'
import type { FaultPlan, Faults } from './faults.ts'
import { changeLaptop, type Laptop, laptopOf } from './laptop.ts'
import type { Gateway } from './network/gateway.ts'
import { isAlive } from './processes.ts'
import { newKey } from './service-file.ts'
import type { Limits, User } from './state.ts'
import { isPort } from './stored-file.ts'

/** flasklab's own requests to the practice cloud, beside AWS's API; all under `/-/`. */
export interface Control {
  readonly cloud: Cloud
  readonly gateway: Gateway
  readonly authorityCertificate: string
  /** By it requests are signed. */
  readonly secret: string
  /** Processes of flasklab that are at work with it. */
  readonly sessions: Set<number>
  readonly faults: Faults
  /** Whether it was started by `practice start`, and so runs until `practice stop`. */
  isKept(): boolean
  keep(): void
  /** Makes a new practice key; the former one is unknown from then on. */
  replaceKey(): void
  stop(): void
}

export interface About {
  readonly pid: number
  readonly kept: boolean
  readonly laptop: Laptop
  readonly authorityCertificate: string
  readonly instances: number
  readonly databases: number
}

export async function answerControl(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isSigned(control.secret, request)) return reply(response, 403, { error: 'wrong signature' })
  try {
    await answerSigned(control, request, response)
  } catch (error) {
    control.cloud.log(`${request.url}: ${error instanceof Error ? error.stack : error}`)
    reply(response, 500, { error: error instanceof Error ? error.message : String(error) })
  }
}

async function answerSigned(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /-/about':
      return reply(response, 200, about(control))
    case 'GET /-/reach':
      return replyReach(control, url.searchParams, response)
    case 'POST /-/keep':
      control.keep()
      return reply(response, 200, {})
    case 'POST /-/laptop':
      changeLaptop(control.cloud.state, wishes(url.searchParams))
      control.cloud.save()
      return reply(response, 200, laptopOf(control.cloud.state))
    case 'POST /-/new-key':
      control.replaceKey()
      changeLaptop(control.cloud.state, { credentials: 'valid' })
      control.cloud.save()
      return reply(response, 200, {})
    case 'POST /-/user': {
      const user = newUser(url.searchParams.get('name') ?? '')
      control.cloud.state.users = [...(control.cloud.state.users ?? []), user]
      control.cloud.save()
      return reply(response, 200, user)
    }
    case 'POST /-/limits':
      control.cloud.state.limits = JSON.parse(url.searchParams.get('limits') ?? '{}') as Partial<Limits>
      control.cloud.save()
      return reply(response, 200, {})
    case 'POST /-/faults':
      control.faults.plan(JSON.parse(url.searchParams.get('plan') ?? '{}') as FaultPlan)
      return reply(response, 200, {})
    case 'GET /-/faults':
      return reply(response, 200, control.faults.moments)
    case 'POST /-/stop':
      reply(response, 200, {})
      return control.stop()
    case 'POST /-/enter':
      control.sessions.add(Number(url.searchParams.get('pid')))
      return reply(response, 200, {})
    case 'POST /-/leave': {
      control.sessions.delete(Number(url.searchParams.get('pid')))
      // A process that was killed has not asked to leave.
      const isInUse = [...control.sessions].some((pid) => pid > 0 && isAlive(pid))
      const leaves = !control.isKept() && !isInUse && isEmpty(control.cloud)
      reply(response, 200, { stopping: leaves })
      if (leaves) control.stop()
      return
    }
    default:
      return reply(response, 404, { error: 'unknown' })
  }
}

/**
 * A signature over method, path and second, never the secret itself: another program may listen on the port of a
 * practice cloud that has stopped.
 */
export function signControl(secret: string, method: string, path: string, second: number): string {
  return createHmac('sha256', secret).update(`${method} ${path} ${second}`).digest('hex')
}

function isSigned(secret: string, request: IncomingMessage): boolean {
  const [second = '', signature = ''] = (request.headers.authorization ?? '').split(' ')
  const isFresh = Math.abs(Number(second) - Date.now() / 1000) <= 60
  if (!isFresh || request.headers.origin !== undefined) return false
  const wanted = Buffer.from(signControl(secret, request.method ?? '', request.url ?? '', Number(second)))
  const given = Buffer.from(signature)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function newUser(name: string): User {
  return { name, id: `AIDA${randomBytes(8).toString('hex').toUpperCase()}`, ...newKey() }
}

function about({ cloud, authorityCertificate, isKept }: Control): About {
  const regions = Object.values(cloud.state.regions)
  return {
    pid: process.pid,
    kept: isKept(),
    laptop: laptopOf(cloud.state),
    authorityCertificate,
    instances: regions.flatMap((region) => region.instances.filter((each) => each.state !== 'terminated'))
      .length,
    databases: regions.flatMap((region) => region.databases).length,
  }
}

function wishes(query: URLSearchParams): Partial<Laptop> {
  const [address, clock, credentials] = ['address', 'clock', 'credentials'].map((name) => query.get(name))
  return {
    ...(address ? { address } : {}),
    ...(clock ? { clockOffsetMs: Number(clock) } : {}),
    ...(credentials === 'valid' || credentials === 'expired' ? { credentials } : {}),
  }
}

async function replyReach(control: Control, query: URLSearchParams, response: ServerResponse) {
  const address = query.get('address') ?? ''
  const port = Number(query.get('port'))
  if (!isPort(port)) return reply(response, 400, { error: 'no port' })
  if (!/^[\w.:-]{1,253}$/.test(address)) return reply(response, 400, { error: 'no address' })
  reply(response, 200, await reach(control, address, port))
}

/** Where to dial for an address and port: what is not ours to map is dialled as it is. */
async function reach({ cloud, gateway }: Control, address: string, port: number) {
  const instance = Object.values(cloud.state.regions)
    .flatMap((region) => region.instances)
    .find((each) => each.publicAddress === address)
  if (instance === undefined) return { host: address, port }
  return { host: '127.0.0.1', port: await gateway.open(instance.id, port) }
}

/** Whether nothing is left that a student made. */
function isEmpty({ state }: Cloud): boolean {
  return Object.values(state.regions).every(
    (region) =>
      region.instances.every((instance) => instance.state === 'terminated') &&
      region.databases.length === 0 &&
      region.subnetGroups.every((group) => group.name === 'default') &&
      region.keyPairs.length === 0 &&
      region.volumes.length === 0 &&
      region.groups.every((group) => group.name === 'default'),
  )
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
