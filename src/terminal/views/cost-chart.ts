import type { Spending } from '../../commands/cost.ts'
import { costAt, FORGOTTEN_HOURS } from '../../lab/cost.ts'
import type { Usage } from '../../lab/usage.ts'
import { utc } from '../../lab/utc.ts'
import { money } from '../format.ts'
import { table } from '../table.ts'
import { wrap } from '../theme.ts'

const HOUR_MS = 3_600_000
const MOST_COLUMNS = 60
const ROWS = 8
const LABEL_WIDTH = 9

/** The costs from the first resource to 30 days from now, in plain characters; empty where there are none. */
export function costChart({ usage, prices, now, numberOf }: Spending, width: number): string {
  const columns = Math.min(MOST_COLUMNS, width - LABEL_WIDTH - 3)
  const end = now + FORGOTTEN_HOURS * HOUR_MS
  const start = Math.min(now, ...usage.flatMap(({ from }) => from ?? []))
  const at = (time: number) =>
    usage.reduce((total, each) => total + (costAt(each, prices, now, time) ?? 0), 0)
  const top = at(end)
  if (top === 0) return ''
  const timeOf = (column: number) => start + ((end - start) * column) / (columns - 1)
  const columnOf = (time: number) => Math.round(((time - start) / (end - start)) * (columns - 1))
  const heights = Array.from({ length: columns }, (_, column) => (at(timeOf(column)) / top) * ROWS)
  const rows = Array.from({ length: ROWS }, (_, index) => row(ROWS - index, heights, top))
  const marks = marksIn(usage, now, { columnOf, numberOf })
  return [
    wrap(`Spent from the first resource to 30 days from now (${day(start)} to ${day(end)}):`, width, ''),
    ...rows,
    `${''.padStart(LABEL_WIDTH)} +${axis(marks, columns)}`,
    `${''.padStart(LABEL_WIDTH + 2)}${day(start).padEnd(columns - 6)}${day(end)}`,
    ...legend(marks, width),
  ].join('\n')
}

function row(level: number, heights: readonly number[], top: number): string {
  const label = level % 2 === 0 ? money((top * level) / ROWS) : ''
  const cells = heights.map((height) =>
    height > level - 1 && (height <= level || level === ROWS) ? '*' : ' ',
  )
  return `${label.padStart(LABEL_WIDTH)} |${cells.join('').trimEnd()}`
}

interface Mark {
  readonly sign: string
  readonly column: number
  readonly time: number
  readonly text: string
}

/** When each phase's resource began, by the number of the phase; now; and what AWS will start by itself. */
function marksIn(
  usage: readonly Usage[],
  now: number,
  { columnOf, numberOf }: { columnOf: (time: number) => number; numberOf: (fact: Usage['fact']) => number },
): readonly Mark[] {
  const mark = (sign: string, time: number, text: string): Mark => ({
    sign,
    time,
    text,
    column: columnOf(time),
  })
  const phases = (['server', 'database'] as const).flatMap((fact) => {
    const parts = usage.filter((each) => each.fact === fact)
    const [first] = parts
    if (first === undefined) return []
    const begun = parts.flatMap(({ from }) => from ?? [])
    const number = numberOf(fact)
    return [mark(String(number), Math.min(...begun, now), `phase ${number}: ${nameOf(first)}`)]
  })
  const woken = usage.find(({ goesOn }) => goesOn !== undefined && goesOn > now)
  return [
    ...phases,
    mark('^', now, 'now'),
    ...(woken?.goesOn === undefined
      ? []
      : [mark('r', woken.goesOn, `AWS starts it by itself: ${nameOf(woken)}`)]),
  ]
}

function legend(marks: readonly Mark[], width: number): string[] {
  const rows = marks.map(({ sign, time, text }) => [sign, utc(time), text])
  return table(rows, { columns: [{}, {}], gap: 1, indent: 2, width, last: 'folded' })
}

/** Without what stands in brackets after it. */
function nameOf({ what }: Usage): string {
  return what.split(' (')[0] ?? what
}

/** Marks that fall on one another stand side by side, the earliest first. */
function axis(marks: readonly Mark[], columns: number): string {
  const cells = Array.from({ length: columns }, () => '-')
  let free = 0
  for (const { sign, column } of marks.toSorted((one, other) => one.time - other.time)) {
    const place = Math.max(column, free)
    cells[place] = sign
    free = place + 1
  }
  return cells.join('')
}

function day(time: number): string {
  return new Date(time).toISOString().slice(5, 10)
}
