import type { Price, Prices, Unit } from './prices.ts'
import { unitOf } from './prices.ts'
import type { Usage } from './usage.ts'

export const PLANS = ['none', 'credits', 'legacy'] as const
/**
 * How an account pays: `legacy` is the free tier of accounts opened before 15 July 2025, `credits` are those that
 * accounts opened since begin with.
 */
export type PricePlan = (typeof PLANS)[number]

/** One thing that bills. An unknown number is null, never 0. */
interface CostItem {
  readonly id: string
  readonly what: string
  readonly unit: Unit
  /** US dollars for one unit. */
  readonly rate: number | null
  /** US dollars an hour, as of now: 0 while it is stopped. */
  readonly hourly: number | null
  readonly soFar: number | null
  readonly known: boolean
}

interface Amounts {
  readonly hourly: number | null
  readonly soFar: number | null
  /** US dollars that the next 30 days add, if nobody does anything about it. */
  readonly ifForgotten30Days: number | null
}

/** AWS's list prices. A sum is that of the known items, and null when none is known. */
export interface Cost extends Amounts {
  readonly currency: 'USD'
  /** The day of the oldest price in it; null when no price is known. */
  readonly pricesAsOf: string | null
  readonly region: string
  readonly items: readonly CostItem[]
  /** The ids of items of which something is unknown. */
  readonly unknown: readonly string[]
  /** The part of it that each kind of account is charged. */
  readonly byPlan: Readonly<Record<PricePlan, Amounts>>
}

const HOUR_MS = 3_600_000
/** As AWS's own calculator has it. */
const HOURS_A_MONTH = 730
export const FORGOTTEN_HOURS = 30 * 24

export function costOf(usage: readonly Usage[], prices: Prices, now: number): Cost {
  const lines = usage.map((each) => pricedLine(each, prices, now))
  const amounts = {
    hourly: sum(lines.map((line) => line.hourly)),
    soFar: sum(lines.map((line) => line.soFar)),
    ifForgotten30Days: sum(lines.map((line) => line.next30Days)),
  }
  const items = lines.map(toItem)
  return {
    currency: 'USD',
    pricesAsOf: lines.flatMap(({ price }) => price?.asOf ?? []).sort()[0] ?? null,
    region: prices.region,
    items,
    ...amounts,
    unknown: items.filter(({ known }) => !known).map(({ id }) => id),
    byPlan: { none: amounts, credits: paidByCredits(amounts), legacy: amounts },
  }
}

/** Nothing, for as long as they last; how long that is, nobody knows of a price that is unknown. */
function paidByCredits({ hourly, soFar, ifForgotten30Days }: Amounts): Amounts {
  const rest = (usd: number | null) => (usd === null ? null : 0)
  return { hourly: rest(hourly), soFar: rest(soFar), ifForgotten30Days: rest(ifForgotten30Days) }
}

/** The dollars that one line will have cost by the time `at` (ms since 1970); undefined where its price is unknown. */
export function costAt(usage: Usage, prices: Prices, now: number, at: number): number | undefined {
  const perHour = hourlyPrice(usage, prices.of(usage.meter))
  if (perHour === undefined) return undefined
  const { from = now, until = from, goesOn } = usage
  const past = Math.max(0, Math.min(until, at) - from)
  const coming = goesOn === undefined ? 0 : Math.max(0, at - Math.max(goesOn, now))
  return (perHour * (past + coming)) / HOUR_MS
}

interface Line {
  readonly usage: Usage
  readonly price: Price | undefined
  readonly hourly: number | undefined
  readonly soFar: number | undefined
  readonly next30Days: number | undefined
}

function pricedLine(usage: Usage, prices: Prices, now: number): Line {
  const { meter, goesOn } = usage
  const price = prices.of(meter)
  const perHour = hourlyPrice(usage, price)
  if (perHour === undefined)
    return { usage, price, hourly: undefined, soFar: undefined, next30Days: undefined }
  const hours = hoursSoFar(usage)
  const coming = goesOn === undefined ? 0 : Math.max(0, FORGOTTEN_HOURS - (goesOn - now) / HOUR_MS)
  return {
    usage,
    price,
    hourly: goesOn !== undefined && goesOn <= now ? perHour : 0,
    soFar: hours === undefined ? undefined : perHour * hours,
    next30Days: perHour * coming,
  }
}

function toItem({ usage: { id, what, meter }, price, hourly, soFar }: Line): CostItem {
  return {
    id,
    what,
    unit: unitOf(meter),
    rate: price?.usd ?? null,
    hourly: toMicros(hourly),
    soFar: toMicros(soFar),
    known: soFar !== undefined,
  }
}

/** To a millionth of a dollar: enough for a second of a server. */
function toMicros(usd: number | undefined): number | null {
  return usd === undefined ? null : Math.round(usd * 1e6) / 1e6
}

function hourlyPrice({ meter, amount }: Usage, price: Price | undefined): number | undefined {
  if (price === undefined || amount === undefined) return undefined
  return (price.usd * amount) / (unitOf(meter) === 'GB-month' ? HOURS_A_MONTH : 1)
}

function hoursSoFar({ from, until, leastMs }: Usage): number | undefined {
  if (from === undefined) return 0
  return until === undefined ? undefined : Math.max(until - from, leastMs) / HOUR_MS
}

/** Dollars, to a millionth; null where no part is known. Unknown parts are left out. */
export function sum(parts: readonly (number | undefined)[]): number | null {
  const known = parts.filter((part) => part !== undefined)
  if (known.length === 0 && parts.length > 0) return null
  return toMicros(known.reduce((total, part) => total + part, 0))
}
