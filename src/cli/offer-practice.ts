import { hasCode, LabError } from '../lab/finding.ts'
import type { TargetName } from '../world/target.ts'
import { withPractice } from './failure.ts'
import { finish } from './progress.ts'
import type { Session } from './session.ts'

const QUESTION = 'Use the practice cloud instead? It needs no account and costs nothing.'

/** Without AWS credentials, offers whoever sits at the terminal the cloud that needs none. */
export async function offeringPractice<Value>(
  session: Session,
  work: (target: TargetName | undefined) => Promise<Value>,
): Promise<Value> {
  const { isInteractive, flags, ask, tell } = session
  try {
    return await work(undefined)
  } catch (error) {
    const isOffered = isInteractive && !flags.yes
    if (!isOffered || !(error instanceof LabError) || !hasCode(error, 'no-credentials')) throw error
    tell({ kind: 'warning', finding: withPractice(error.finding, session) })
    if (!(await ask.confirm(QUESTION, { fallback: true, flag: '--practice' }))) throw error
    // The lab that was begun on AWS is let go: it is built elsewhere.
    await finish(session.progress)
    return work('practice')
  }
}
