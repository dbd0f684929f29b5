import { fork } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { request } from 'node:http'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type About, signControl } from './control-api.ts'
import type { Started } from './daemon.ts'
import type { FaultPlan } from './faults.ts'
import type { Laptop } from './laptop.ts'
import { type Places, placesIn, rootIn, serviceFileIn } from './paths.ts'
import { DAEMON_MARK, endProcessesWith, isAlive, PRACTICE_MARK, processesWith, signal } from './processes.ts'
import { readService, type Service } from './service-file.ts'
import type { Limits, User } from './state.ts'
import { PracticeTrouble } from './trouble.ts'

/** The running practice cloud of one FLASKLAB_HOME, spoken to over its loopback port. */
export interface PracticeClient {
  readonly service: Service
  about(): Promise<About>
  reach(address: string, port: number): Promise<{ host: string; port: number }>
  /** Moves the laptop, sets its clock, or ends its credentials. */
  changeLaptop(change: Partial<Laptop>): Promise<Laptop>
  /** Replaces the practice key; the file of the service has the new one. */
  replaceKey(): Promise<void>
  /** Lets somebody else into the account, for tests. */
  addUser(name: string): Promise<User>
  /** Says what the account may have, for tests. */
  limit(limits: Partial<Limits>): Promise<void>
  /** Sets the faults that happen from now on, for tests. */
  planFaults(plan: FaultPlan): Promise<void>
  /** The requests and remote commands since then. */
  moments(): Promise<readonly string[]>
  /** Lets it run until `practice stop`. */
  keep(): Promise<void>
  /** Keeps it from stopping under this process, which may not have made anything yet. */
  enter(): Promise<void>
  /** Lets it stop if it was started for a lab and nobody else is at work and no lab is left; waits until it is gone. */
  leave(): Promise<void>
}

/** How a practice cloud is started. */
interface Start {
  readonly home: string
  /** Until `practice stop`. */
  readonly kept: boolean
  /** The environment of whoever starts it, in which it then runs. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const GONE_MS = 20_000
const RACE_MS = 8_000
const ANSWER_MS = 3_000

/** The practice cloud if it runs, else undefined. */
export async function findPractice(home: string): Promise<PracticeClient | undefined> {
  const service = readService(serviceFileIn(home))
  if (service === undefined) return undefined
  const client = createClient(service)
  try {
    await client.about()
    return client
  } catch {
    return undefined
  }
}

/** The practice cloud, started if it does not run. */
export async function startPractice(start: Start): Promise<PracticeClient> {
  refuseWindows()
  const { home, kept } = start
  const running = await settled(home)
  if (running) {
    if (kept) await running.keep()
    return running
  }
  const places = placesIn(home)
  const outcome = await launch(places, start)
  // A second command may have started one at the same moment: its cloud is as good.
  const deadline = Date.now() + (isRace(outcome) ? RACE_MS : 0)
  do {
    const client = await findPractice(home)
    if (client) return client
    await new Promise((resolve) => setTimeout(resolve, 250))
  } while (Date.now() < deadline)
  throw notStarted(places, outcome)
}

/** Stops the practice cloud and whatever one that was killed left running. True when there was something to stop. */
export async function stopPractice(home: string): Promise<boolean> {
  // One whose service file is damaged is stopped all the same: that comes before the file is put right.
  const running = await findPractice(home).catch(() => undefined)
  if (running) {
    const { pid } = await running.about()
    await call(running.service, 'POST', 'stop')
    await goneBy(pid)
  }
  const root = rootIn(home)
  const lost = processesWith(DAEMON_MARK, root)
  await endProcessesWith(DAEMON_MARK, root, GONE_MS)
  await endProcessesWith(PRACTICE_MARK, root, 1_000)
  return running !== undefined || lost.length > 0
}

/** The practice cloud if it runs. Waits for one that just starts or stops, and throws where one is out of reach. */
async function settled(home: string): Promise<PracticeClient | undefined> {
  const deadline = Date.now() + RACE_MS
  for (;;) {
    const client = await findPractice(home)
    const [pid] = client ? [] : processesWith(DAEMON_MARK, rootIn(home))
    if (pid === undefined) return client
    if (Date.now() > deadline) throw new PracticeTrouble({ kind: 'out-of-reach', pid })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function isRace(outcome: Started): boolean {
  return !outcome.ready && /EADDRINUSE|EEXIST/.test(outcome.why)
}

function createClient(service: Service): PracticeClient {
  return {
    service,
    about: () => call(service, 'GET', 'about'),
    reach: (address, port) =>
      call(service, 'GET', `reach?${new URLSearchParams({ address, port: String(port) })}`),
    changeLaptop: ({ address, clockOffsetMs, credentials }) =>
      call(
        service,
        'POST',
        `laptop?${new URLSearchParams({
          ...(address === undefined ? {} : { address }),
          ...(clockOffsetMs === undefined ? {} : { clock: String(clockOffsetMs) }),
          ...(credentials === undefined ? {} : { credentials }),
        })}`,
      ),
    addUser: (name) => call(service, 'POST', `user?${new URLSearchParams({ name })}`),
    limit: (limits) =>
      call(service, 'POST', `limits?${new URLSearchParams({ limits: JSON.stringify(limits) })}`),
    planFaults: (plan) =>
      call(service, 'POST', `faults?${new URLSearchParams({ plan: JSON.stringify(plan) })}`),
    moments: () => call(service, 'GET', 'faults'),
    replaceKey: () => call(service, 'POST', 'new-key'),
    keep: () => call(service, 'POST', 'keep'),
    enter: () => call(service, 'POST', `enter?pid=${process.pid}`),
    async leave() {
      const { pid } = await call<About>(service, 'GET', 'about')
      const { stopping } = await call<{ stopping: boolean }>(service, 'POST', `leave?pid=${process.pid}`)
      if (stopping) await goneBy(pid)
    },
  }
}

/** By node:http: in Node 20, fetch never settles when the far end hangs up without an answer. */
function call<Answer>(service: Service, method: string, name: string): Promise<Answer> {
  const path = `/-/${name}`
  const second = Math.floor(Date.now() / 1000)
  const authorization = `${second} ${signControl(service.controlSecret, method, path, second)}`
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: service.port,
      method,
      path,
      headers: { authorization },
      agent: false,
      timeout: ANSWER_MS,
    })
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)))
    asked.on('error', (cause) => reject(gone(cause)))
    asked.on('response', (response) => {
      text(response).then((body) => {
        if (response.statusCode === 200) resolve(JSON.parse(body) as Answer)
        else reject(new Error(`The practice cloud answered ${response.statusCode}.`))
      }, reject)
    })
    asked.end()
  })
}

function gone(cause: Error): PracticeTrouble {
  return new PracticeTrouble({ kind: 'no-answer', why: cause.message }, { cause })
}

/** Starts the daemon in a session of its own, so that neither Ctrl-C nor `$(…)` in the student's shell holds it. */
function launch(places: Places, { home, kept, env }: Start): Promise<Started> {
  const log = openLog(places.logFile)
  const program = fileURLToPath(new URL('./daemon.js', import.meta.url))
  const child = fork(program, [resolve(home), ...(kept ? ['kept'] : [])], {
    detached: true,
    cwd: '/',
    stdio: ['ignore', log, log, 'ipc'],
    env: { ...env, [DAEMON_MARK]: places.root },
    execArgv: [],
  })
  if (log !== 'ignore') closeSync(log)
  return new Promise((resolve) => {
    child.once('message', (started) => resolve(started as Started))
    child.once('error', (error) => resolve({ ready: false, why: error.message }))
    child.once('exit', () => resolve({ ready: false, why: 'it ended while starting' }))
  }).then((started) => {
    if (child.connected) child.disconnect()
    child.unref()
    return started as Started
  })
}

/** For what it says past its own log, such as Node's own last words; without it it starts as well. */
function openLog(file: string): number | 'ignore' {
  try {
    return openSync(file, 'a', 0o600)
  } catch {
    return 'ignore'
  }
}

function notStarted({ logFile }: Places, outcome: Started): PracticeTrouble {
  if (outcome.ready) return new PracticeTrouble({ kind: 'not-started', why: 'it does not answer', logFile })
  const { trouble, why, port } = outcome
  if (trouble !== undefined) return new PracticeTrouble(trouble)
  if (port !== undefined && why.includes('EADDRINUSE'))
    return new PracticeTrouble({ kind: 'port-used', port })
  return new PracticeTrouble({ kind: 'not-started', why, logFile })
}

async function goneBy(pid: number): Promise<void> {
  const deadline = Date.now() + GONE_MS
  while (isAlive(pid)) {
    if (Date.now() > deadline) signal(pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return
  throw new PracticeTrouble({ kind: 'posix-needed' })
}
