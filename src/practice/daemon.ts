/** The practice cloud: one background process per FLASKLAB_HOME. Its only argument is that folder. */
import { renameSync, rmSync, statSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { dirname } from 'node:path'
import { appendLine } from './append-line.ts'
import type { Cloud, CloudGround } from './cloud.ts'
import { answerControl, type Control } from './control-api.ts'
import { openAuthority } from './database/certificates.ts'
import { createEngines } from './database/engines.ts'
import { freshRegion } from './ec2/default-network.ts'
import { resumeInstances } from './ec2/instances.ts'
import { isEnabledRegion } from './ec2/regions.ts'
import { createFaults, type Faults } from './faults.ts'
import { linkTools } from './machine/disk.ts'
import { createMachines } from './machine/machines.ts'
import { createGateway, type Gateway } from './network/gateway.ts'
import { listen } from './network/listen.ts'
import { type Places, placesIn } from './paths.ts'
import { DAEMON_MARK, endProcessesWith, PRACTICE_MARK, signal } from './processes.ts'
import { databaseFailed, resumeDatabases } from './rds/instances.ts'
import { claimService, newKey, newService, readService, type Service, writeService } from './service-file.ts'
import { services } from './services.ts'
import { createSaver, readState, writeState } from './state-file.ts'
import { paceOf } from './timing.ts'
import { PracticeTrouble, type Trouble } from './trouble.ts'
import { createApi } from './wire/api.ts'

/** The one message of the daemon to the command that started it. */
export type Started =
  | { readonly ready: true }
  | { readonly ready: false; readonly why: string; readonly port?: number; readonly trouble?: Trouble }

const LONGEST_LOG = 5_000_000
const [home = '', kept] = process.argv.slice(2)
// Without this, processes that it starts would pass for it.
delete process.env[DAEMON_MARK]

try {
  await run(placesIn(home))
  await tell({ ready: true })
  // Whoever started it may be gone by now.
  if (process.connected) process.disconnect()
} catch (error) {
  const { port, message } = error as Error & { port?: number }
  const trouble = error instanceof PracticeTrouble ? { trouble: error.trouble } : {}
  await tell({ ready: false, why: message, ...(port === undefined ? {} : { port }), ...trouble })
  // Half started it may listen already: it would never end by itself.
  process.exit(1)
}

/** The process that started it may be gone, which is no failure. */
function tell(started: Started): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(started, () => resolve())
    else resolve()
  })
}

async function run(places: Places): Promise<void> {
  for (const file of [places.logFile, places.requestLogFile]) rotate(file)
  const log = (line: string) => appendLine(places.logFile, `${new Date().toISOString()} ${line}`)
  // A bug in one answer must not take every student's server and database with it.
  process.on('uncaughtException', (error) => log(`bug: ${error.stack}`))
  process.on('unhandledRejection', (error) => log(`bug: ${error instanceof Error ? error.stack : error}`))

  // The port comes first: it is also the lock that lets one practice cloud run per folder.
  const known = readService(places.serviceFile)
  const door = openDoor()
  const port = await listen(door.server, known?.port, [])
  const service = known ?? newService(port)
  if (known === undefined) claimService(places, service)

  await endProcessesWith(PRACTICE_MARK, places.root, 1_000)
  linkTools(places)
  const parts = await openCloud(places, log)
  const answer = answers(parts, service, places, () => stop(door.server, parts, places))
  await resumeInstances(parts.cloud)
  await resumeDatabases(parts.cloud)
  door.open(answer)
  log('started')
}

/** Listens at once; answers the requests that come while the cloud starts as soon as it has started. */
function openDoor() {
  let open: (answer: RequestListener) => void = () => {}
  const opened = new Promise<RequestListener>((resolve) => {
    open = resolve
  })
  const server = createServer((request, response) => {
    void opened.then((answer) => answer(request, response))
  })
  return { server, open: (answer: RequestListener) => open(answer) }
}

interface CloudParts {
  readonly cloud: Cloud
  readonly gateway: Gateway
  readonly faults: Faults
  /** The processes of flasklab that are at work with it. */
  readonly sessions: Set<number>
  readonly authorityCertificate: string
}

async function openCloud(places: Places, log: (line: string) => void): Promise<CloudParts> {
  const ground = openGround(places, log)
  const authority = await openAuthority(places.root)
  const gateway = createGateway(ground, places)
  const sessions = new Set<number>()
  const faults = createFaults(() => {
    for (const pid of sessions) if (pid > 0) signal(pid, 'SIGKILL')
    // Their numbers will be given to others.
    sessions.clear()
  })
  const cloud: Cloud = {
    ...ground,
    launchEnd: faults.launchEnd,
    machines: createMachines(ground, places, gateway, faults),
    engines: createEngines(ground, places, gateway, authority, (database, reason) =>
      databaseFailed(cloud, database.resourceId, reason),
    ),
  }
  return { cloud, gateway, faults, sessions, authorityCertificate: authority.certificate }
}

/** Answers AWS's clients, and flasklab itself under `/-/`. */
function answers(
  parts: CloudParts,
  first: Service,
  places: Places,
  end: () => Promise<void>,
): RequestListener {
  let service = first
  let isKept = kept === 'kept'
  let isStopping = false
  const control: Control = {
    ...parts,
    secret: first.controlSecret,
    isKept: () => isKept,
    keep: () => {
      isKept = true
    },
    replaceKey: () => {
      service = { ...service, ...newKey() }
      writeService(places, service)
    },
    stop: () => {
      if (!isStopping) void end()
      isStopping = true
    },
  }
  const api = createApi({
    cloud: parts.cloud,
    services,
    isEnabledRegion,
    key: () => service,
    onCall: (call) => appendLine(places.requestLogFile, JSON.stringify(call)),
    faults: parts.faults,
  })
  process.on('SIGTERM', control.stop)
  process.on('SIGINT', control.stop)
  process.on('SIGHUP', () => {})
  return (request, response) => {
    if (request.url?.startsWith('/-/')) void answerControl(control, request, response)
    else api(request, response)
  }
}

async function stop(server: Server, { cloud, gateway }: CloudParts, places: Places): Promise<void> {
  cloud.log('stopping')
  server.close()
  gateway.closeAll()
  const regions = Object.values(cloud.state.regions)
  await Promise.allSettled([
    ...regions.flatMap((region) => region.instances.map((instance) => cloud.machines.halt(instance.id))),
    ...regions.flatMap((region) =>
      region.databases.map((database) => cloud.engines.stop(database.resourceId)),
    ),
  ])
  await endProcessesWith(PRACTICE_MARK, places.root, 1_000)
  cloud.save()
  for (const folder of [places.tools, dirname(places.sockets('any'))]) {
    rmSync(folder, { recursive: true, force: true })
  }
  process.exit(0)
}

/** A log that has grown long begins anew; the one before is kept. */
function rotate(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile() && found.size > LONGEST_LOG) renameSync(file, `${file}.old`)
}

function openGround(places: Places, log: (line: string) => void): CloudGround {
  const state = readState(places)
  return {
    state,
    pace: paceOf(process.env),
    region(name) {
      state.regions[name] ??= freshRegion(name)
      return state.regions[name]
    },
    save: createSaver(() => writeState(places, state), log),
    schedule(delayMs, transition) {
      setTimeout(async () => {
        try {
          await transition()
        } catch (error) {
          log(`transition failed: ${error instanceof Error ? error.stack : error}`)
        }
      }, delayMs)
    },
    log,
  }
}
