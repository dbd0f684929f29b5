import type { Examination, Workshop } from '../drills/workshop.ts'
import type { Judge } from '../lab/exercise.ts'
import type { Environment } from '../lab/io.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { readRecord } from '../store/read-record.ts'
import { onPractice } from './practice-findings.ts'

/** Lets the doctor look at a lab, and changes nothing. */
export type Examine = (kit: Kit) => Promise<Examination>

/** Where the labs with their drills lie, and how one is looked at. */
export interface DrillGround {
  readonly home: string
  /** In which the practice cloud is started, where it does not run. */
  readonly env: Environment
  readonly examine: Examine
}

/** A lab with all that a drill in it needs. */
export function workshopFor(kit: Kit, { home, env, examine }: DrillGround): Workshop {
  const { tell, clock, record } = kit
  return {
    ...drillShelf(home),
    tell,
    clock,
    record,
    schema: kit.project.schema,
    openPractice: async () =>
      (await import('../practice/client.ts')).startPractice({ home, kept: false, env }),
    examine: () => examine(kit),
    async goOn(tellOfIt) {
      const [{ walk }, { phasesInOrder }] = await Promise.all([
        import('../lab/walk.ts'),
        import('../phases/in-order.ts'),
      ])
      await walk(phasesInOrder, await kit.cloud.findNetwork(), { ...kit, tell: tellOfIt, ask: SAYS_YES })
    },
  }
}

export function drillShelf(home: string): Pick<Workshop, 'home' | 'labId'> {
  return { home, labId: (name) => readRecord(home, name)?.id }
}

const yes = async () => true
const SAYS_YES: Kit['ask'] = { confirm: yes, typeBack: yes, goOn: yes }

/** The drill that is planted in the lab, as the exercise by which its commands are judged. */
export async function exerciseIn(kit: Kit, ground: DrillGround): Promise<Judge> {
  if (kit.record.value.target !== 'practice') return async () => undefined
  const { judgeOfDrill } = await import('../drills/judge.ts')
  const judge = judgeOfDrill(workshopFor(kit, ground))
  return (ending) => onPractice(() => judge(ending))
}
