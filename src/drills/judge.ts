import type { CheckSeen, Ending, Judge, Verdict } from '../lab/exercise.ts'
import { forgetPlanted, isMended, type Planted, readPlanted } from './planted.ts'
import type { Workshop } from './workshop.ts'

type State = 'mended' | 'planted' | 'unfinished'

const SENTENCES: Readonly<Record<State, string>> = {
  mended: 'The drill is mended. "flasklab practice break" plants another one.',
  planted: 'The drill is not mended yet. "flasklab practice hint" gives a hint.',
  unfinished: 'A drill was planted by half only. "flasklab practice solve" takes it back.',
}

const REMINDERS: Readonly<Partial<Record<State, string>>> = {
  planted: 'A drill is planted in this lab: "flasklab doctor" tells whether it is mended.',
  unfinished: SENTENCES.unfinished,
}

/** Judges the drill that is planted in the lab now. */
export function judgeOfDrill(workshop: Workshop): Judge {
  const planted = plantedIn(workshop)
  return async (ending) => (planted === undefined ? undefined : judged(planted, ending, workshop))
}

async function judged(planted: Planted, ending: Ending, workshop: Workshop): Promise<Verdict | undefined> {
  const before: State = planted.whole ? 'planted' : 'unfinished'
  switch (ending.by) {
    case 'walk':
    case 'failure':
      return { text: REMINDERS[before] ?? '' }
    case 'test':
      // Only the doctor can tell, and only where the test has passed is it worth asking.
      if (!ending.passed || !planted.whole) return verdict(before)
      return afterLook(planted, (await workshop.examine()).checks, workshop)
    case 'doctor':
      return planted.whole ? afterLook(planted, ending.checks, workshop) : verdict(before)
    case 'cleanup':
      await takeBack(planted, workshop)
      forgetPlanted(workshop.home, planted)
      return undefined
  }
}

/** A drill that is mended is over: the next one can be planted. */
function afterLook(planted: Planted, checks: readonly CheckSeen[], { home }: Workshop): Verdict {
  if (!isMended(planted, checks)) return verdict('planted')
  forgetPlanted(home, planted)
  return verdict('mended')
}

function verdict(state: State): Verdict {
  return { state, text: SENTENCES[state] }
}

/** Takes back what would outlast the lab: a fault in the VPC, which is not the lab's, is in the way of the next one. */
async function takeBack(planted: Planted, workshop: Workshop): Promise<void> {
  const [{ drills }, { onStage }] = await Promise.all([import('./all.ts'), import('./workshop.ts')])
  const drill = drills.find(({ id }) => id === planted.drill)
  if (drill?.outlivesLab) await onStage(workshop, (context) => drill.solve(context, planted.memo))
}

function plantedIn({ home, record }: Workshop): Planted | undefined {
  const planted = readPlanted(home)
  return planted?.labId === record.value.id ? planted : undefined
}
