import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { EC2Client } from '@aws-sdk/client-ec2'
import { RDSClient } from '@aws-sdk/client-rds'
import { STSClient } from '@aws-sdk/client-sts'
import type { Cloud } from '../../src/practice/cloud.ts'
import { freshRegion } from '../../src/practice/ec2/default-network.ts'
import { resumeInstances } from '../../src/practice/ec2/instances.ts'
import { isEnabledRegion } from '../../src/practice/ec2/regions.ts'
import { resumeDatabases } from '../../src/practice/rds/instances.ts'
import { services } from '../../src/practice/services.ts'
import type { CloudState } from '../../src/practice/state.ts'
import type { Pace } from '../../src/practice/timing.ts'
import { type CallRecord, createApi } from '../../src/practice/wire/api.ts'

export const key = { accessKeyId: 'AKIAPRACTICE00000000', secretAccessKey: 'practice/secret+for/tests' }

const pace: Pace = {
  instanceStart: 60,
  instanceStop: 60,
  databaseCreate: 60,
  databaseChange: 60,
  databaseDelete: 60,
  terminatedVisible: 300,
}

/** The practice cloud's API on a port of its own, with a world behind it that only takes notes. */
export interface TestCloud extends AsyncDisposable {
  readonly cloud: Cloud
  readonly endpoint: string
  readonly calls: CallRecord[]
  /** The API's calls to machines and engines: `boot i-0…`. */
  readonly asked: string[]
  readonly logged: string[]
  /** The state as it was last saved, as text. */
  saved(): string
  /** Makes the next request of this kind to machines or engines fail. */
  failNext(what: string, reason: string): void
  /** Holds requests of this kind back until the answered function is called; `time` holds what passes by itself. */
  hold(what: string): () => void
  ec2(region?: string): EC2Client
  rds(region?: string): RDSClient
  sts(region?: string): STSClient
}

export async function openCloud(
  options: { state?: CloudState; pace?: Partial<Pace> } = {},
): Promise<TestCloud> {
  const state: CloudState = options.state ?? newState()
  const asked: string[] = []
  const logged: string[] = []
  const calls: CallRecord[] = []
  const failures = new Map<string, string>()
  const gates = new Map<string, Promise<void>>()
  const timers = new Set<NodeJS.Timeout>()
  let saved = JSON.stringify(state)

  const ask = async (what: string, id: string) => {
    asked.push(`${what} ${id}`)
    await gates.get(what)
    const failure = failures.get(what)
    failures.delete(what)
    if (failure !== undefined) throw new Error(failure)
  }
  const cloud: Cloud = {
    state,
    pace: { ...pace, ...options.pace },
    machines: {
      boot: (instance, publicKey) => ask('boot', `${instance.id} ${publicKey?.split(' ')[0] ?? 'no key'}`),
      halt: (id) => ask('halt', id),
      destroy: (id) => ask('destroy', id),
      consoleOutput: (id) =>
        state.regions['us-east-1']?.instances.find((one) => one.id === id)?.state === 'running'
          ? `console of ${id}\r\n`
          : '',
    },
    engines: {
      create: async (database, password) => {
        await ask('create', `${database.id} with a password of ${password.length}`)
        state.ports[`${database.resourceId}:${database.port}`] = 23306
      },
      start: ({ id }) => ask('start', id),
      stop: (resourceId) => ask('stop', resourceId),
      setMasterPassword: ({ id }, password) => ask('set password', `${id} of ${password.length}`),
      destroy: (resourceId) => ask('destroy', resourceId),
    },
    region: (name) => {
      state.regions[name] ??= freshRegion(name)
      return state.regions[name]
    },
    save: () => {
      saved = JSON.stringify(state)
      return true
    },
    schedule: (delay, transition) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        Promise.resolve(gates.get('time'))
          .then(transition)
          .catch((error: unknown) => logged.push(`transition failed: ${error}`))
      }, delay)
      timers.add(timer)
    },
    log: (line) => logged.push(line),
  }

  const server = createServer(
    createApi({
      cloud,
      services,
      isEnabledRegion,
      key: () => key,
      onCall: (record) => calls.push(record),
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = (region: string) => ({ endpoint, region, credentials: key, maxAttempts: 1 })
  const clients: { destroy(): void }[] = []
  const kept = <Client extends { destroy(): void }>(client: Client) => {
    clients.push(client)
    return client
  }
  return {
    cloud,
    endpoint,
    calls,
    asked,
    logged,
    saved: () => saved,
    failNext: (what, reason) => failures.set(what, reason),
    hold: (what) => {
      let open = () => {}
      gates.set(
        what,
        new Promise((resolve) => {
          open = resolve
        }),
      )
      return () => {
        gates.delete(what)
        open()
      }
    },
    ec2: (region = 'us-east-1') => kept(new EC2Client(config(region))),
    rds: (region = 'us-east-1') => kept(new RDSClient(config(region))),
    sts: (region = 'us-east-1') => kept(new STSClient(config(region))),
    [Symbol.asyncDispose]: async () => {
      for (const timer of timers) clearTimeout(timer)
      for (const client of clients) client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function newState(): CloudState {
  return { version: 1, account: '123456789012', laptopAddress: '203.0.113.7', regions: {}, ports: {} }
}

/** The same cloud after its process was stopped and started: only what was saved is left of it. */
export async function reopen(test: TestCloud, pace?: Partial<Pace>): Promise<TestCloud> {
  await test[Symbol.asyncDispose]()
  const next = await openCloud({ state: JSON.parse(test.saved()), ...(pace && { pace }) })
  resumeInstances(next.cloud)
  resumeDatabases(next.cloud)
  return next
}

/** Code and text of the error that a request is answered with. */
export async function refusal(request: Promise<unknown>): Promise<string> {
  try {
    await request
  } catch (error) {
    const { Code, name, message } = error as { Code?: string; name: string; message: string }
    return `${Code ?? name}: ${message}`
  }
  return 'accepted'
}
