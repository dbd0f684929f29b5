import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { forgetPlanted, isMended, type Planted } from './planted.ts'
import { expectStanding, standing } from './standing.ts'
import { type DrillShelf, type Examination, onStage, type Workshop } from './workshop.ts'

/** As printed by `--json`. */
export interface Solved {
  readonly lab: string
  readonly id: string
  readonly cause: string
  readonly fault: string
  /** False for one whose planting was interrupted: of its fault there was a part at most. */
  readonly whole: boolean
}

/** The lab whose drill is planted, for commands that name none. */
export function drilledLab(shelf: DrillShelf): string | undefined {
  return standing(shelf)?.planted.lab
}

/** Repairs the fault that is planted. */
export async function solveDrill(workshop: Workshop): Promise<void> {
  const { drill, planted } = expectStanding(workshop)
  const { tell, clock } = workshop
  const title = 'the fault to be repaired'
  tell({ kind: 'waiting', id: title, title, since: clock.now() })
  try {
    await onStage(workshop, (context) => drill.solve(context, planted.memo))
  } finally {
    tell({ kind: 'waited', id: title })
  }
}

/** Looks whether it is repaired, by a lab that was opened after it: it may be about the credentials. */
export async function confirmSolved(workshop: Workshop): Promise<Solved> {
  const { drill, planted } = expectStanding(workshop)
  const examination = await workshop.examine()
  if (!isMended(planted, examination.checks)) throw stillBroken(planted, examination)
  forgetPlanted(workshop.home, planted)
  const { id, expectedCheck: cause, fault } = drill
  return { lab: planted.lab, id, cause, fault, whole: planted.whole }
}

/** Something else may be broken by now, which no drill knows of. */
function stillBroken({ drill, cause }: Planted, { rootCauses }: Examination): LabError {
  return new LabError({
    what: `The drill ${drill} was taken back, and its check "${cause}" still does not pass.`,
    why: `The doctor finds: ${rootCauses.join(', ')}. That is not, or not only, the drill’s doing.`,
    remedy: {
      say: 'Let the doctor tell how to mend it, then run this again.',
      run: [flasklab('doctor'), flasklab('practice solve')],
    },
  })
}
