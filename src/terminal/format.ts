/** An hour's or a lesson's worth: $0.0104, $1.25; null is unknown. */
export function money(usd: number | null): string {
  if (usd === null) return 'unknown'
  if (usd > 0 && usd < 0.00005) return '<$0.0001'
  return `$${usd.toFixed(usd === 0 || usd >= 1 ? 2 : 4)}`
}

/** A day's or a month's worth, to the cent. */
export function cents(usd: number | null): string {
  if (usd === null) return 'unknown'
  return usd > 0 && usd < 0.005 ? '<$0.01' : `$${usd.toFixed(2)}`
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** How long something has been there, by its largest unit: 5 min, 3 h, 12 d. */
export function span(ms: number): string {
  if (ms < HOUR_MS) return `${Math.max(0, Math.floor(ms / MINUTE_MS))} min`
  return ms < 2 * DAY_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / DAY_MS)} d`
}
