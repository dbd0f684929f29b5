import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { drills } from './all.ts'
import type { Drill } from './drill.ts'
import { type Planted, readPlanted } from './planted.ts'
import type { DrillShelf } from './workshop.ts'

/** A drill that is planted, and what is noted of its planting. */
export interface Standing {
  readonly drill: Drill
  readonly planted: Planted
}

/** The drill that is planted; one whose lab was cleaned up is none. */
export function standing({ home, labId }: DrillShelf): Standing | undefined {
  const planted = readPlanted(home)
  const drill = drills.find(({ id }) => id === planted?.drill)
  if (planted === undefined || drill === undefined) return undefined
  return labId(planted.lab) === planted.labId ? { drill, planted } : undefined
}

/** The drill that is planted; throws a finding where none is. */
export function expectStanding(shelf: DrillShelf): Standing {
  const found = standing(shelf)
  if (found !== undefined) return found
  throw new LabError({
    what: 'No drill is planted.',
    remedy: { say: 'Have one planted.', run: [flasklab('practice break')] },
  })
}

export function unfinished({ lab }: Planted): LabError {
  return new LabError({
    what: `A drill was planted by half only, in the lab "${lab}".`,
    why: 'The command that planted it was interrupted, or is still at work.',
    remedy: { say: 'Have it taken back.', run: [flasklab('practice solve')] },
  })
}
