import { randomInt } from 'node:crypto'
import { flasklab } from '../lab/command.ts'
import { LEVELS, type Level } from '../lab/exercise.ts'
import { UsageError } from '../lab/finding.ts'
import { drills } from './all.ts'
import type { Drill } from './drill.ts'

/** A drill as an instructor sees it, as printed by `--json`. */
export interface DrillListing extends Pick<Drill, 'id' | 'level' | 'symptom' | 'fault'> {
  /** The doctor's check that finds it. */
  readonly cause: string
}

export function listDrills(): readonly DrillListing[] {
  return LEVELS.flatMap((level) => drills.filter((drill) => drill.level === level)).map(
    ({ id, level, expectedCheck: cause, symptom, fault }) => ({ id, level, cause, symptom, fault }),
  )
}

/** The named one, or any of the level, or any. */
export function chooseDrill(name: string | undefined, level: Level | undefined): Drill {
  const fitting = drills.filter(
    (drill) => (name === undefined || drill.id === name) && (level === undefined || drill.level === level),
  )
  const drill = fitting[randomInt(Math.max(fitting.length, 1))]
  if (drill !== undefined) return drill
  const known = LEVELS.map((each) => {
    const names = drills.filter((other) => other.level === each).map(({ id }) => id)
    return `${each}: ${names.join(', ')}`
  })
  throw new UsageError({
    what: `There is no drill "${name}"${level === undefined ? '' : ` of the level ${level}`}.`,
    why: `There are, ${known.join('; ')}.`,
    remedy: {
      say: 'Name one of these, or let one be chosen.',
      run: [flasklab('practice break', { list: true }), flasklab('practice break')],
    },
  })
}
