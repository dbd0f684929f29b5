import { randomBytes } from 'node:crypto'
import { flasklab } from '../lab/command.ts'
import type { Level } from '../lab/exercise.ts'
import { LabError } from '../lab/finding.ts'
import type { Drill } from './drill.ts'
import type { DrillContext } from './drill-context.ts'
import { claimPlanted, dropPlanted, type Planted, writePlanted } from './planted.ts'
import { standing, unfinished } from './standing.ts'
import { type DrillShelf, onStage, type Workshop } from './workshop.ts'

/** As printed by `--json`; the drill's id would give its cause away. */
export interface Broken {
  readonly lab: string
  readonly level: Level
  readonly symptom: string
}

/** Plants one drill. */
export async function breakLab(drill: Drill, workshop: Workshop): Promise<Broken> {
  refuseAws(workshop)
  refuseSecond(workshop)
  // It may be that of a lab that is no more, or damaged.
  dropPlanted(workshop.home)
  await refuseIncomplete(workshop)
  // Events of what is built on the way would tell which drill is planted.
  await onStage({ ...workshop, tell: () => {} }, (context) => plant(drill, context, workshop))
  const { level, symptom } = drill
  return { lab: workshop.record.value.name, level, symptom }
}

async function plant(drill: Drill, context: DrillContext, workshop: Workshop): Promise<void> {
  const { home, record } = workshop
  const memo = (await drill.prepare?.(context)) ?? {}
  const begun: Planted = {
    id: randomBytes(5).toString('hex'),
    whole: false,
    lab: record.value.name,
    labId: record.value.id,
    drill: drill.id,
    cause: drill.expectedCheck,
    hints: 0,
    memo,
  }
  // Before anything is changed: a fault that was planted by half can be taken back, too.
  if (!claimPlanted(home, begun)) refuseSecond(workshop)
  await drill.plant(context, memo)
  writePlanted(home, { ...begun, whole: true })
}

function refuseAws({ record }: Workshop): void {
  const { target, name } = record.value
  if (target === 'practice') return
  throw new LabError({
    what: `The lab "${name}" is on ${target}: drills are planted in practice labs only.`,
    why: 'Breaking something that others may need, and that costs, is no exercise.',
    remedy: {
      say: 'Build a practice lab, or name one.',
      run: [flasklab('up', { practice: true, lab: 'drills' }), flasklab('practice break', { lab: 'drills' })],
    },
  })
}

function refuseSecond(shelf: DrillShelf): void {
  const { planted, drill } = standing(shelf) ?? {}
  if (planted === undefined) return
  if (!planted.whole) throw unfinished(planted)
  throw new LabError({
    what: `A drill is planted already, in the lab "${planted.lab}".`,
    why: `Its report was: "${drill?.symptom}"`,
    remedy: {
      say: 'Mend it first (the doctor says when it is mended), take a hint, or have it repaired.',
      run: [flasklab('practice hint'), flasklab('practice solve')],
    },
  })
}

async function refuseIncomplete({ examine, record }: Workshop): Promise<void> {
  const { healthy, rootCauses } = await examine()
  if (healthy) return
  throw new LabError({
    what: `The lab "${record.value.name}" is not whole (${rootCauses.join(', ')}).`,
    why: 'A drill is one fault in a lab that works: with another one beside it nobody could tell what is mended.',
    remedy: { say: 'Mend or complete it first.', run: [flasklab('doctor'), flasklab('up')] },
  })
}
