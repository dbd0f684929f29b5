import { type Cost, costOf, type PricePlan } from '../lab/cost.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { listedPrices, type Prices } from '../lab/prices.ts'
import { type Inventory, plannedUsage, supportOf80, type Usage, usageOf } from '../lab/usage.ts'
import { phaseNumber } from '../phases/in-order.ts'

export interface CostOptions {
  /** Undefined: the ones that come with flasklab. */
  readonly prices: Prices | undefined
  readonly plan: PricePlan | undefined
  /** Whether anybody bills for what the lab makes. */
  readonly bills: boolean
}

/** The JSON of `cost --json`. */
export interface CostReport extends Cost {
  /** Null where nothing exists: then it is what the handout's phases would make. */
  readonly lab: string | null
  readonly bills: boolean
  /** Whether the prices were asked of AWS just now. */
  readonly live: boolean
  /** Null is unknown. */
  readonly plan: PricePlan | null
  /** The lines that an estimate of the server, the database and its disk leaves out. */
  readonly leftOut: readonly LeftOut[]
}

interface LeftOut {
  readonly id: string
  readonly what: string
  readonly hourly: number | null
  readonly in30Days: number | null
}

/** The parts of the lab that are paid for, by which prices, as of when. */
export interface Spending {
  readonly usage: readonly Usage[]
  readonly prices: Prices
  readonly now: number
  /** Which phase makes something. */
  readonly numberOf: (fact: Usage['fact']) => number
}

/** The report, and what its text alone tells. */
export interface Priced {
  readonly report: CostReport
  readonly spent: Spending
  /** The name of the thing with the oldest price. */
  readonly oldest: string | undefined
  /** Costs that AWS does not tell, so that the sum can't hold them. */
  readonly gaps: readonly string[]
}

/** Prices what there is of the lab. */
export async function cost(
  options: CostOptions,
  kit: Pick<Kit, 'clock' | 'cloud' | 'record' | 'snapshot'>,
): Promise<Priced> {
  const inventory = await kit.snapshot.seen.takeInventory()
  const prices = options.prices ?? listedPrices(kit.cloud.region)
  const now = kit.clock.now() + kit.cloud.clockOffset
  const usage = usageOf(inventory, now)
  if (usage.length === 0 && !kit.record.isSaved) return planned(options, prices, now)
  const { name } = kit.record.value
  return { ...priced(usage, name, options, prices, now), gaps: gapsIn(inventory) }
}

/** Prices the lab that the handout would have one make, before there is one. */
export function costOfHandout(options: CostOptions, region: string, now: number): Priced {
  return planned(options, options.prices ?? listedPrices(region), now)
}

function planned(options: CostOptions, prices: Prices, now: number): Priced {
  return { ...priced(plannedUsage(now), null, options, prices, now), gaps: [] }
}

function priced(
  usage: readonly Usage[],
  lab: string | null,
  { plan, bills }: CostOptions,
  prices: Prices,
  now: number,
): Omit<Priced, 'gaps'> {
  const sums = costOf(usage, prices, now)
  const others = usage.filter(({ id }) => !ESTIMATED.includes(id))
  const support = others.some(({ id }) => id === 'extended-support') ? [] : [supportOf80(now)]
  return {
    report: {
      ...sums,
      lab,
      bills,
      live: prices.live,
      plan: plan ?? null,
      leftOut: [...others, ...support].map((each) => leftOut(each, prices, now)),
    },
    spent: { usage, prices, now, numberOf: phaseNumber },
    oldest: usage.find(({ meter }) => prices.of(meter)?.asOf === sums.pricesAsOf)?.what.split(' (')[0],
  }
}

/** The ids of the lines that the usual estimate counts. */
const ESTIMATED = ['server', 'database', 'database-storage']

function leftOut(usage: Usage, prices: Prices, now: number): LeftOut {
  const { hourly, ifForgotten30Days: in30Days } = costOf([usage], prices, now)
  return { id: usage.id, what: usage.what, hourly, in30Days }
}

function gapsIn({ servers, disks }: Inventory): string[] {
  return servers.flatMap(({ id, startedAt }) => {
    const first = disks.find(({ serverId }) => serverId === id)?.createdAt ?? startedAt
    // A disk is a moment older than its server.
    return startedAt - first < 60_000
      ? []
      : [`${id} was started more than once: what it cost before its last start is not in it.`]
  })
}
