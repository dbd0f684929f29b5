import type { CheckSeen } from '../lab/exercise.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { PracticeClient } from '../practice/client.ts'
import { type DrillContext, openDrillContext } from './drill-context.ts'

/** Where it is kept which drill is planted, and which labs there are to be planted in. */
export interface DrillShelf {
  readonly home: string
  /** The id of the lab that has a record by this name. */
  labId(name: string): string | undefined
}

/** One lab, its doctor and its cloud, for the drills' own commands. */
export interface Workshop extends DrillShelf, Pick<Kit, 'tell' | 'clock' | 'record'> {
  /** The lab's tables, as SQL. */
  readonly schema: string
  openPractice(): Promise<PracticeClient>
  /** Lets the doctor look at the lab. */
  examine(): Promise<Examination>
  /** Builds what is missing of the lab, and asks nothing. */
  goOn(tell: Kit['tell']): Promise<void>
}

export interface Examination {
  readonly healthy: boolean
  readonly rootCauses: readonly string[]
  readonly checks: readonly CheckSeen[]
}

/** Opens the lab for a drill's own steps, and closes it after them. */
export async function onStage<Value>(
  { home, record, schema, openPractice, goOn, tell }: Workshop,
  act: (context: DrillContext) => Promise<Value>,
): Promise<Value> {
  const context = openDrillContext({
    home,
    client: await openPractice(),
    lab: record.value,
    keyFile: record.keyFile,
    schema,
    goOn: () => goOn(tell),
  })
  try {
    return await act(context)
  } finally {
    context.close()
  }
}
