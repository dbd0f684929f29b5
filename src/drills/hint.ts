import { writePlanted } from './planted.ts'
import { expectStanding, unfinished } from './standing.ts'
import type { DrillShelf } from './workshop.ts'

/** As printed by `--json`. */
export interface Hints {
  readonly symptom: string
  readonly hints: readonly string[]
  readonly left: number
}

/** One more hint at each call; the third is nearly the answer. */
export function giveHint(shelf: DrillShelf): Hints {
  const { drill, planted } = expectStanding(shelf)
  if (!planted.whole) throw unfinished(planted)
  const hints = Math.min(planted.hints + 1, drill.hints.length)
  writePlanted(shelf.home, { ...planted, hints })
  return {
    symptom: drill.symptom,
    hints: drill.hints.slice(0, hints),
    left: drill.hints.length - hints,
  }
}
