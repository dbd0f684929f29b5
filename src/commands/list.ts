import { costOf } from '../lab/cost.ts'
import { isOf, labsInRegions } from '../lab/lab-search.ts'
import type { Account } from '../lab/ports/kit.ts'
import type { LabSeen } from '../lab/ports/labs.ts'
import { listedPrices } from '../lab/prices.ts'
import { usageOf } from '../lab/usage.ts'

/** The JSON of `list --json`. */
export interface Listing {
  /** When that was so, by AWS's clock. */
  readonly at: string
  readonly account: string
  readonly regions: readonly string[]
  readonly labs: readonly Listed[]
  /** Regions that could not be looked at. */
  readonly unseen: readonly { readonly region: string; readonly why: string }[]
}

export interface Listed {
  readonly id: string
  readonly name: string
  /** As AWS names who made it: GetCallerIdentity's UserId. */
  readonly owner: string
  readonly mine: boolean
  readonly region: string
  readonly state: 'running' | 'stopped' | 'remains'
  /** AWS's own words; null where there is none. */
  readonly server: string | null
  readonly database: string | null
  /** Null where AWS tells no time of anything that there is of it. */
  readonly madeAt: string | null
  readonly resources: number
  /** By the prices that flasklab comes with; null is unknown. */
  readonly hourly: number | null
  readonly soFar: number | null
  readonly unknown: readonly string[]
  readonly expires: string | null
  /** The text in the deadline's tag, where it is no time. */
  readonly unreadableDeadline: string | null
  readonly expired: boolean
}

/** Every lab in the account, whoever's it is. */
export async function list(options: { readonly allRegions: boolean }, account: Account): Promise<Listing> {
  const cloud = account.cloudIn(account.region)
  const { account: id, userId } = await cloud.whoAmI()
  // AWS answers for a region that it does not have as if the credentials were wrong.
  if (!options.allRegions) await cloud.checkRegion()
  const regions = options.allRegions ? await cloud.listRegions() : [account.region]
  const now = account.clock.now() + cloud.clockOffset
  const { found, unseen } = await labsInRegions(regions, account.cloudIn)
  const labs = found.map(({ lab, region }) => toListed(lab, region, userId, now))
  return {
    at: new Date(now).toISOString(),
    account: id,
    regions,
    labs: labs.sort((one, other) => (one.madeAt ?? '').localeCompare(other.madeAt ?? '')),
    unseen: unseen.map(({ region, error }) => ({ region, why: error.finding.what })),
  }
}

/** The time of the oldest thing that there is of it; undefined where AWS tells none, as of security groups alone. */
export function madeAt({ resources, inventory: { servers, disks, databases } }: LabSeen): number | undefined {
  const times = [
    ...resources.map((each) => each.madeAt),
    ...servers.map(({ startedAt }) => startedAt),
    ...[...disks, ...databases].map(({ createdAt }) => createdAt),
  ].filter((time) => time !== undefined)
  return times.length === 0 ? undefined : Math.min(...times)
}

export function isExpired({ expiresAt }: LabSeen, now: number): boolean {
  return expiresAt !== undefined && expiresAt < now
}

function toListed(lab: LabSeen, region: string, userId: string, now: number): Listed {
  const { id, name, owner, resources, inventory, expiresAt, unreadableDeadline = null } = lab
  const { hourly, soFar, unknown } = costOf(usageOf(inventory, now), listedPrices(region), now)
  const stateOf = (kind: string) => resources.find((each) => each.kind === kind)?.state ?? null
  const server = stateOf('server')
  const database = stateOf('database')
  return {
    id,
    name,
    owner,
    mine: isOf(userId, lab),
    region,
    state: stateWord([server, database]),
    server,
    database,
    madeAt: iso(madeAt(lab)),
    resources: resources.length,
    hourly,
    soFar,
    unknown,
    expires: iso(expiresAt),
    unreadableDeadline,
    expired: isExpired(lab, now),
  }
}

/** `remains`: neither a server nor a database is left, but something is. */
function stateWord(states: readonly (string | null)[]): Listed['state'] {
  const there = states.filter((state) => state !== null)
  if (there.length === 0) return 'remains'
  return there.every((state) => state === 'stopped') ? 'stopped' : 'running'
}

function iso(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
