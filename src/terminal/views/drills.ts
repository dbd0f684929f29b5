import type { Broken } from '../../drills/break.ts'
import type { DrillListing } from '../../drills/choose.ts'
import type { Hints } from '../../drills/hint.ts'
import type { Solved } from '../../drills/solve.ts'
import { LEVELS } from '../../lab/exercise.ts'
import type { Paper } from '../paper.ts'
import { table } from '../table.ts'

export function brokenText({ lab, symptom }: Broken, { fold }: Paper): string {
  return [
    fold(`Something in the lab "${lab}" is broken now. A user reports:`),
    '',
    `  ${fold(`"${symptom}"`, 2)}`,
    '',
    'Find out why, and mend it.',
    '  flasklab doctor           tells whether it is mended',
    '  flasklab practice hint    helps',
    '  flasklab practice solve   repairs it, and says what it was',
  ].join('\n')
}

export function hintText({ symptom, hints, left }: Hints, { fold }: Paper): string {
  const more = left === 0 ? 'That was the last hint.' : `${left} more: type it again.`
  const lines = hints.map((hint, index) => `${index + 1}. ${fold(hint, 3)}`)
  return [fold(`"${symptom}"`), '', ...lines, '', more].join('\n')
}

export function solvedText({ id, fault, cause, whole }: Solved, { fold }: Paper): string {
  return fold(
    whole
      ? `It is repaired. ${fault}\nThe doctor would have named it by its check "${cause}".`
      : `The drill ${id}, whose planting was interrupted, is taken back.`,
  )
}

export function drillListText(list: readonly DrillListing[], { width }: Paper): string {
  const columns = [{ width: Math.max(...list.map(({ id }) => id.length)) }]
  return LEVELS.map((level) => {
    const rows = list.filter((drill) => drill.level === level).map(({ id, fault }) => [id, fault])
    return [`${level}:`, ...table(rows, { columns, gap: 2, indent: 2, width, last: 'folded' })].join('\n')
  }).join('\n')
}
