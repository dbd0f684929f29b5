import type { Receipt } from '../../commands/receipt.ts'
import { type LabSearch, otherLabs, placeOf } from '../../lab/lab-search.ts'
import type { Paper } from '../paper.ts'

/** Where there was nothing to clean up, and which labs there are; undefined where there was something. */
export function nothingText(
  { deleted, left }: Receipt,
  searched: LabSearch,
  others: readonly string[],
  { fold }: Paper,
): string | undefined {
  if (deleted.length > 0 || left.length > 0) return undefined
  const first = `There is nothing to clean up in ${placeOf(searched)}.`
  return [first, ...otherLabs(searched, others)].map((line) => fold(line)).join('\n')
}
