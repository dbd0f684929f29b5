import { type LabSearch, otherLabs, placeOf } from '../lab/lab-search.ts'
import type { RecordKeeper } from '../lab/ports/record.ts'
import type { Receipt } from './receipt.ts'

/** Where there was nothing to clean up, and which labs there are; undefined where there was something. */
export function nothingText(
  { deleted, left }: Receipt,
  searched: LabSearch,
  record: RecordKeeper,
  fold: (text: string) => string,
): string | undefined {
  if (deleted.length > 0 || left.length > 0) return undefined
  const first = `There is nothing to clean up in ${placeOf(searched)}.`
  return [first, ...otherLabs(searched, record.others())].map((line) => fold(line)).join('\n')
}
