import { freePlanText } from '../lab/free-plan.ts'
import type { Identity } from '../lab/lab.ts'
import { isLearnerLab } from '../lab/learner-lab.ts'
import type { Credentials, Quotas } from '../lab/ports/account.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { sessionEndsSoon, timeLeft } from '../lab/session-end.ts'

// A lab takes a quarter of an hour, and time to look at it and to clean up is wanted, too.
const SHORT_MS = 45 * 60_000

/** Temporary credentials end in the middle of whatever is going on. */
export async function tellOfSession(
  identity: Identity,
  kit: Pick<Kit, 'clock' | 'tell'> & WithCloud<Credentials>,
): Promise<void> {
  if (!(await kit.cloud.areTemporary())) return
  const end = await kit.cloud.credentialsEnd()
  const left = end === undefined ? undefined : end - kit.clock.now()
  if (left !== undefined && left < SHORT_MS)
    return kit.tell({ kind: 'warning', finding: sessionEndsSoon(left) })
  const when =
    left === undefined
      ? 'These credentials are temporary; when they end is not known.'
      : `The AWS session ends in ${timeLeft(left)}.`
  kit.tell({ kind: 'note', text: isLearnerLab(identity) ? `${when} ${OF_LEARNER_LAB}` : when })
}

const OF_LEARNER_LAB =
  'A Learner Lab’s lasts about four hours: then AWS stops the server, which has another address the next time, and the database goes on to cost. With fresh credentials "flasklab up" goes on.'

/** Ends in a finding where the account has no room for a new lab; tells of its plan, and of what is unknown. */
export async function checkAccount(kit: Pick<Kit, 'tell'> & WithCloud<Quotas>): Promise<void> {
  const plan = await kit.cloud.checkPlan()
  const unasked = await kit.cloud.checkQuotas({ server: true, database: true }, plan)
  if (plan.free) kit.tell({ kind: 'note', text: freePlanText(plan.free) })
  const unknown = [...plan.unknown, ...unasked]
  if (unknown.length === 0) return
  kit.tell({
    kind: 'note',
    text: `Unknown, as these credentials may not ask: ${unknown.join(', ')}. AWS tells when something is made.`,
  })
}
