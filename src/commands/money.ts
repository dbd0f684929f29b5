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
