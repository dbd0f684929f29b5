import { type Cost, costOf } from '../lab/cost.ts'
import { type Finding, hasCode, LabError } from '../lab/finding.ts'
import { type Endpoint, handout, type Site } from '../lab/lab.ts'
import type { Browse } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { ServerSeen } from '../lab/ports/servers.ts'
import { listedPrices } from '../lab/prices.ts'
import { usageOf } from '../lab/usage.ts'
import { type Surveyed, survey } from '../lab/walk.ts'
import { isReachable, siteOf } from '../phases/7-run-application.ts'
import { phasesInOrder } from '../phases/in-order.ts'

/** Addresses and ports are those to dial from here. */
export interface Status {
  readonly lab: string
  readonly target: string
  readonly region: string
  readonly phases: readonly {
    readonly number: number
    readonly id: string
    readonly title: string
    readonly done: boolean
  }[]
  readonly server: {
    readonly id: string
    readonly state: string
    readonly address: string | null
    readonly sshPort: number
    readonly keyFile: string
  } | null
  readonly database: {
    readonly id: string
    readonly state: string
    readonly endpoint: Endpoint | null
  } | null
  /** Where the app answers, whatever the phases say. */
  readonly site: { readonly url: string } | null
}

/** The status, and what only its text tells. */
export interface Stock {
  readonly status: Status
  /** Ids of phases that could not be looked at. */
  readonly unknown: ReadonlySet<string>
  /** Why some could not be looked at though nothing is missing. */
  readonly blocked: Finding | undefined
  /** By the prices that flasklab comes with. */
  readonly cost: Cost
  /** Ids of a server and a database that are on their way out. */
  readonly ending: readonly string[]
  /** Ids of a server and a database that are the lab's and do not carry its tags: they go on to cost. */
  readonly lost: readonly string[]
  /** By when it is to be gone. */
  readonly expires: string | undefined
  /** Other labs that have a record here. */
  readonly others: readonly string[]
  /** Where OpenSSH finds the server's host keys. */
  readonly knownHostsFile: string
}

/** Looks at everything of the lab and changes nothing. */
export async function takeStock(kit: Kit): Promise<Stock> {
  const { value, keyFile, knownHostsFile } = kit.record
  const { seen } = kit.snapshot
  const looking = { ...kit, browse: asOneLook(kit.browse) }
  const [server, database, { lab, done, unknown, blocked }, resources, inventory, site] = await Promise.all([
    seen.findServer(),
    seen.findDatabase(),
    asFarAsItGoes(async () => survey(phasesInOrder, await seen.findNetwork(), looking)),
    seen.listServersAndDatabases(),
    seen.takeInventory(),
    // Beside the phases, as a site that hangs is waited for.
    seen.findServer().then((server) => siteThatAnswers(server, looking)),
  ])
  const lost = server && database ? [] : await seen.findUntagged()
  const now = kit.clock.now() + kit.cloud.clockOffset
  const ssh = server?.address === undefined ? undefined : await kit.reach(server.address, handout.sshPort)
  const status: Status = {
    lab: value.name,
    target: value.target,
    region: kit.cloud.region,
    phases: phasesInOrder.map(({ number, id, title }) => ({
      number,
      id,
      title,
      done: done.has(id),
    })),
    server: server
      ? {
          id: server.id,
          state: server.state,
          address: ssh?.host ?? null,
          sshPort: ssh?.port ?? handout.sshPort,
          keyFile,
        }
      : null,
    database: database
      ? { id: database.id, state: database.status, endpoint: database.endpoint ?? null }
      : null,
    site: lab.site ?? site ?? null,
  }
  return {
    status,
    unknown,
    blocked,
    cost: costOf(usageOf(inventory, now), listedPrices(kit.cloud.region), now),
    ending: resources.filter(({ id }) => ![server?.id, database?.id].includes(id)).map(({ id }) => id),
    lost: lost.map(({ id }) => id),
    expires: value.expires,
    others: kit.record.others(),
    knownHostsFile,
  }
}

/** Asks for the same page once. */
function asOneLook(browse: Browse): Browse {
  const pages = new Map<string, ReturnType<Browse>>()
  return (url, form) => {
    if (form !== undefined) return browse(url, form)
    const page = pages.get(url) ?? browse(url)
    pages.set(url, page)
    return page
  }
}

/** A network in which nothing could be built, or a key that is lost, must not hide what was built. */
async function asFarAsItGoes(
  look: () => Promise<Surveyed>,
): Promise<Surveyed & { readonly blocked?: Finding }> {
  const seen = await look().catch((error: unknown) => {
    if (!hasCode(error, 'no-network')) throw error
    const unknown = new Set(phasesInOrder.map(({ id }) => id))
    return { lab: {}, done: new Set<string>(), unknown, failure: error }
  })
  if (seen.failure === undefined) return seen
  if (!(seen.failure instanceof LabError)) throw seen.failure
  return { ...seen, blocked: seen.failure.finding }
}

/** A phase before the app's may be broken while the app still works, over a connection that it has held since. */
async function siteThatAnswers(
  server: ServerSeen | undefined,
  kit: Pick<Kit, 'browse' | 'reach'>,
): Promise<Site | undefined> {
  if (server?.state !== 'running' || server.address === undefined) return undefined
  const site = await siteOf(server.address, kit)
  return (await isReachable(site, kit)) ? site : undefined
}
