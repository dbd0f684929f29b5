import { costOf, sum } from '../lab/cost.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Resource, ResourceKind } from '../lab/ports/resources.ts'
import { listedPrices, type Prices } from '../lab/prices.ts'
import { type Inventory, usageOf } from '../lab/usage.ts'

/** The deletions of a cleanup: it is shown, and this very object is carried out. */
export interface CleanupPlan {
  readonly lab: string
  readonly id: string
  readonly region: string
  readonly items: readonly PlanItem[]
  /** On this machine: the key, the passwords. */
  readonly files: readonly string[]
  /** By the prices that flasklab comes with; null is unknown. */
  readonly hourly: number | null
  /** Kinds that these credentials may not look at. */
  readonly unseen: readonly string[]
  readonly madeAt: number
}

export interface PlanItem extends Resource {
  readonly hourly: number | null
}

export type CleanupKit = Pick<Kit, 'cloud' | 'clock' | 'tell' | 'record' | 'ask'>

export async function makePlan({ cloud, clock, record }: CleanupKit): Promise<CleanupPlan> {
  const look = cloud.look()
  const [resources, extras, lost, inventory] = await Promise.all([
    look.listResources(),
    look.listUnmanaged(),
    look.findUntagged(),
    look.takeInventory(),
  ])
  const now = clock.now() + cloud.clockOffset
  const prices = listedPrices(cloud.region)
  const stays = [...untaggedDisks(inventory, resources), ...lost.map(untagged)]
  const items = [...resources, ...stays, ...extras.found].map((each) => ({
    ...each,
    ...age(each, inventory),
    hourly: hourlyOf(each, inventory, prices, now),
  }))
  const { name, id } = record.value
  return {
    lab: name,
    id,
    region: cloud.region,
    items,
    files: record.files(),
    hourly: sum(items.map(({ hourly }) => hourly ?? undefined)),
    unseen: extras.unseen,
    madeAt: now,
  }
}

/** A disk that the student has put to the lab's server. */
function untaggedDisks({ disks }: Inventory, resources: readonly Resource[]): Resource[] {
  return disks
    .filter((disk) => !resources.some(({ id }) => id === disk.id))
    .map((disk) => ({ kind: 'volume', id: disk.id, name: '', madeAt: disk.createdAt, isUntagged: true }))
}

function untagged({ arn: _, ...lost }: Resource): Resource {
  return { ...lost, isUntagged: true }
}

/** AWS tells of a server when it was started last: its disk is as old as itself. */
function age({ kind, id }: Resource, { disks }: Inventory): { readonly madeAt?: number } {
  const madeAt = kind === 'server' ? disks.find((disk) => disk.serverId === id)?.createdAt : undefined
  return madeAt === undefined ? {} : { madeAt }
}

/** AWS charges nothing for these. */
const FREE: readonly ResourceKind[] = ['subnet-group', 'security-group', 'key-pair', 'network-interface']
const NONE: Inventory = { servers: [], disks: [], databases: [] }

function hourlyOf(
  { kind, id, isUntagged }: Resource,
  all: Inventory,
  prices: Prices,
  now: number,
): number | null {
  const isIt = (each: { readonly id: string }) => each.id === id
  // The inventory is made by tags.
  if (isUntagged && ['server', 'database'].includes(kind)) return null
  const cost = (part: Partial<Inventory>) => costOf(usageOf({ ...NONE, ...part }, now), prices, now).hourly
  if (kind === 'server') return cost({ servers: all.servers.filter(isIt) })
  if (kind === 'volume') return cost({ disks: all.disks.filter(isIt) })
  if (kind === 'database') return cost({ databases: all.databases.filter(isIt) })
  if (kind === 'address') return prices.of('address')?.usd ?? null
  return FREE.includes(kind) ? 0 : null
}

/** As `cleanup --dry-run --json` shows it. */
export function planJson({ madeAt, items, ...plan }: CleanupPlan) {
  const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString())
  return {
    ...plan,
    madeAt: iso(madeAt),
    items: items.map(({ isProtected = false, isUntagged = false, state = null, ...item }) => ({
      ...item,
      state,
      madeAt: iso(item.madeAt),
      isProtected,
      stays: isUntagged,
    })),
  }
}
