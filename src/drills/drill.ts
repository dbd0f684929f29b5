import type { Level } from '../lab/exercise.ts'
import type { DrillContext } from './drill-context.ts'

/** The notes that a drill needs to be taken back. */
export type Memo = Readonly<Record<string, string>>

/** A fault for the student to find, planted the way it happens in life. */
export interface Drill {
  readonly id: string
  readonly level: Level
  /** As a user would report it, who knows nothing of what is behind the site. */
  readonly symptom: string
  /** From a nudge to nearly the answer. */
  readonly hints: readonly [string, string, string]
  /** The explanation that is shown when it is solved. */
  readonly fault: string
  /** The doctor's check that fails by it. */
  readonly expectedCheck: string
  /** Whether the fault lies in what stays when the lab is cleaned up; then the memo alone must do to solve it. */
  readonly outlivesLab?: boolean
  /** Notes what `solve` will need, and changes nothing that the student has. */
  prepare?(context: DrillContext): Promise<Memo>
  plant(context: DrillContext, memo: Memo): Promise<void>
  /** Repairs the fault, also where only a part of it was planted, or the student has repaired a part already. */
  solve(context: DrillContext, memo: Memo): Promise<void>
}
