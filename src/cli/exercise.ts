import type { Ending, Judge, Verdict } from '../lab/exercise.ts'
import type { Kit } from '../lab/ports/kit.ts'

/** Lets the doctor look at the lab, and mends nothing. */
export async function examine(kit: Kit) {
  const { doctor } = await import('../commands/doctor.ts')
  return doctor({ fix: false }, kit)
}

interface Judged<Value> {
  readonly ending: (value: Value) => Ending | undefined
  readonly judge: Judge
  readonly tell: Kit['tell']
}

/** Does a command's work, and has the exercise that is set in the lab judged by how it ended. */
export async function judged<Value>(work: () => Promise<Value>, { ending, judge, tell }: Judged<Value>) {
  try {
    const value = await work()
    const end = ending(value)
    return { value, verdict: end && (await judge(end)) }
  } catch (error) {
    const reminder = await judge({ by: 'failure' })
    if (reminder !== undefined) tell({ kind: 'note', text: reminder.text })
    throw error
  }
}

/** A command's output: as JSON, and else. */
interface Printed {
  readonly json: unknown
  readonly text: string | undefined
}

/** A command's result, followed by what is to be said of the exercise. */
export function withVerdict({ json, text }: Printed, { state, text: said }: Verdict): Printed {
  return {
    json: state === undefined ? json : { ...Object(json), drill: state },
    text: [text, said].filter(Boolean).join('\n\n'),
  }
}
