import { costOf, sum } from '../lab/cost.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Resource, ResourceKind } from '../lab/ports/resources.ts'
import { listedPrices, type Prices } from '../lab/prices.ts'
import { type Inventory, usageOf } from '../lab/usage.ts'
import { money } from './money.ts'
import { row } from './row.ts'
import { span } from './span.ts'

/** What a cleanup deletes: it is shown, and this very object is carried out. */
export interface Plan {
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

interface PlanItem extends Resource {
  readonly hourly: number | null
}

export type CleanupKit = Pick<Kit, 'cloud' | 'clock' | 'tell' | 'record' | 'ask'>

export async function makePlan({ cloud, clock, record }: CleanupKit): Promise<Plan> {
  const [resources, extras, lost, inventory] = await Promise.all([
    cloud.listResources(),
    cloud.listUnmanaged(),
    cloud.findUntagged(),
    cloud.takeInventory(),
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

/** Of these AWS asks nothing. */
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

export const WORDS: Readonly<Record<ResourceKind, string>> = {
  server: 'EC2 instance',
  database: 'RDS database',
  'subnet-group': 'DB subnet group',
  'security-group': 'security group',
  'key-pair': 'key pair',
  volume: 'EBS volume',
  'network-interface': 'network interface',
  address: 'Elastic IP',
  snapshot: 'DB snapshot',
  'automated-backup': 'automated backup',
  'log-group': 'log group',
}

/** `bills`: whether anybody asks money for it. */
export function planText(plan: Plan, bills: boolean): string {
  const { lab, id, region, items, hourly } = plan
  const where = `the lab "${lab}" (${id}) in ${region}`
  const ours = items.filter((item) => !item.isUntagged)
  const price = bills ? 'an hour' : 'on AWS'
  return [
    ours.length === 0 ? `In the cloud there is nothing of ${where}.` : `Of ${where} there is:`,
    ...(ours.length === 0 ? [] : [planRow('', '', 'age', price, '')]),
    ...ours.map((item) => itemRow(item, plan)),
    ...(ours.length === 0 ? [] : [planRow('together', '', '', money(hourly), 'an hour')]),
    ...(bills || ours.length === 0 ? [] : ['Nothing of it bills: it is not on AWS.']),
    ...notes(plan),
  ].join('\n')
}

/** The states that need no word. */
const ORDINARY = ['running', 'available', 'in-use']

function itemRow({ kind, id, name, state, madeAt, hourly, isProtected }: PlanItem, plan: Plan): string {
  const unusual = ORDINARY.includes(state ?? '') ? '' : state
  const about = [name === id ? '' : name, unusual, isProtected ? 'protected' : '']
  return planRow(
    WORDS[kind],
    id,
    madeAt === undefined ? '' : span(plan.madeAt - madeAt),
    hourly === 0 ? '' : money(hourly),
    about.filter(Boolean).join(', '),
  )
}

function planRow(what: string, id: string, old: string, hourly: string, about: string): string {
  const start = `  ${what.padEnd(18)}`
  return row(`${start}${id.padEnd(22)}${old.padStart(6)}${hourly.padStart(9)}`, about, start.length)
}

function notes({ items, files, unseen }: Plan): string[] {
  const stays = items.filter(({ isUntagged }) => isUntagged)
  const goes = items.filter(({ isUntagged }) => !isUntagged)
  return [
    ...(goes.some(({ kind }) => kind === 'database')
      ? ['A database goes with all that is stored in it: there will be no snapshot.']
      : []),
    ...goes
      .filter(({ isProtected }) => isProtected)
      .map(({ id, state }) => {
        const first =
          state === 'stopped' ? 'it is started, and that is switched off first' : 'that is switched off first'
        return `${id} is protected against deletion: ${first}.`
      }),
    ...stays.map(({ kind, id }) => `Stays, as it does not carry the lab’s tags: ${WORDS[kind]} ${id}`),
    ...(files.length === 0
      ? []
      : ['On this machine, with its key and passwords:', ...files.map((file) => `  ${file}`)]),
    ...unseen.map((what) => `Not looked at, as these credentials may not: ${what}`),
  ]
}

/** As `cleanup --dry-run --json` shows it. */
export function planJson({ madeAt, items, ...plan }: Plan) {
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
