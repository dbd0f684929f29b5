import { forgetPlanted, isMended, type Planted, readPlanted } from '../drills/planted.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Diagnosis } from './doctor.ts'

/** What a command says of a drill: nothing that gives its cause away. */
export type DrillState = 'mended' | 'planted' | 'unfinished'

/** Judges the drill that was planted when it was made: what is planted while a command looks is not judged by its look. */
export interface DrillJudge {
  /** By what the doctor has found. A drill that is mended is over: the next one can be planted. */
  afterDoctor(diagnosis: Diagnosis): DrillState | undefined
  /** After a test of the login: only the doctor can tell, and only where the test has passed is it worth asking. */
  afterTest(passed: boolean): Promise<DrillState | undefined>
  /** By nothing but that it is there. */
  readonly before: 'planted' | 'unfinished' | undefined
}

export function judgeOfDrill(kit: Kit, home: string): DrillJudge {
  const planted = plantedIn(kit, home)
  const before = planted === undefined ? undefined : planted.whole ? 'planted' : 'unfinished'
  const afterDoctor: DrillJudge['afterDoctor'] = (diagnosis) => {
    if (planted === undefined || !planted.whole) return before
    if (!isMended(planted, diagnosis.checks)) return before
    forgetPlanted(home, planted)
    return 'mended'
  }
  return {
    before,
    afterDoctor,
    async afterTest(passed) {
      if (!passed || before !== 'planted') return before
      const { doctor } = await import('./doctor.ts')
      return afterDoctor(await doctor({ fix: false }, kit))
    },
  }
}

/** What cleaning up the lab leaves of its drill, as a step for afterwards. */
export function afterCleanup(kit: Kit, home: string): () => Promise<void> {
  const planted = plantedIn(kit, home)
  if (planted === undefined) return async () => {}
  return async () => {
    const { takeBack } = await import('./practice-drills.ts')
    await takeBack(planted, kit, home)
    forgetPlanted(home, planted)
  }
}

/** For commands that do not judge: what the student may have forgotten. */
export function drillReminder(kit: Kit, home: string): string {
  const { before } = judgeOfDrill(kit, home)
  if (before !== 'planted') return drillText(before)
  return '\n\nA drill is planted in this lab: "flasklab doctor" tells whether it is mended.'
}

export function drillText(state: DrillState | undefined): string {
  return state === undefined ? '' : `\n\n${SENTENCES[state]}`
}

const SENTENCES: Readonly<Record<DrillState, string>> = {
  mended: 'The drill is mended. "flasklab practice break" plants another one.',
  planted: 'The drill is not mended yet. "flasklab practice hint" gives a hint.',
  unfinished: 'A drill was planted by half only. "flasklab practice solve" takes it back.',
}

function plantedIn(kit: Kit, home: string): Planted | undefined {
  const planted = readPlanted(home)
  return planted?.labId === kit.record.value.id ? planted : undefined
}
