import { invalidValue } from './faults.ts'

interface PageRequest {
  readonly MaxRecords?: number | undefined
  readonly Marker?: string | undefined
}

/** One page of a list, and the marker of the next one where there is more. */
export function pageOf<Item>(
  all: readonly Item[],
  { MaxRecords: size = 100, Marker: marker }: PageRequest,
): { items: Item[]; marker: string | undefined } {
  if (!(size >= 20 && size <= 100)) {
    throw invalidValue(`Invalid value ${size} for MaxRecords. Must be between 20 and 100`)
  }
  const start = marker === undefined || marker === '' ? 0 : startOf(marker)
  const end = start + size
  const next = end < all.length ? Buffer.from(`from:${end}`).toString('base64') : undefined
  return { items: all.slice(start, end), marker: next }
}

function startOf(marker: string): number {
  const match = /^from:([0-9]{1,9})$/.exec(Buffer.from(marker, 'base64').toString())
  if (match === null) throw invalidValue('The request token is invalid.')
  return Number(match[1])
}
