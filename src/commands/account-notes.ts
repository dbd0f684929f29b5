import type { Finding } from '../lab/finding.ts'
import type { Identity } from '../lab/lab.ts'
import { isLearnerLab } from '../lab/learner-lab.ts'
import type { AccountSeen, Kit } from '../lab/ports.ts'

// A lab takes a quarter of an hour, and time to look at it and to clean up is wanted, too.
const SHORT_MS = 45 * 60_000

/** Temporary credentials end in the middle of whatever is going on. */
export async function tellOfSession(identity: Identity, kit: Kit): Promise<void> {
  if (!(await kit.cloud.areTemporary())) return
  const end = await kit.cloud.credentialsEnd()
  const left = end === undefined ? undefined : end - kit.clock.now()
  if (left !== undefined && left < SHORT_MS) return kit.tell({ kind: 'warning', finding: endsSoon(left) })
  const when =
    left === undefined
      ? 'These credentials are temporary; when they end is not known.'
      : `The AWS session ends in ${duration(left)}.`
  kit.tell({ kind: 'note', text: isLearnerLab(identity) ? `${when} ${OF_LEARNER_LAB}` : when })
}

const OF_LEARNER_LAB =
  'A Learner Lab’s lasts about four hours: then AWS stops the server, which has another address the next time, and the database goes on to cost. With fresh credentials "flasklab up" goes on.'

function endsSoon(leftMs: number): Finding {
  return {
    what: `The AWS session ends in ${duration(Math.max(0, leftMs))}.`,
    why: 'After that AWS refuses everything, "cleanup" too; what was made stays, and goes on to cost.',
    remedy: { say: 'Get fresh credentials first (in a Learner Lab: Start Lab, AWS Details, AWS CLI).' },
  }
}

function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 60 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

export function tellOfAccount({ freePlan, unknown }: AccountSeen, kit: Kit): void {
  if (freePlan) kit.tell({ kind: 'note', text: planText(freePlan) })
  if (unknown.length === 0) return
  kit.tell({
    kind: 'note',
    text: `Unknown, as these credentials may not ask: ${unknown.join(', ')}. AWS tells when something is made.`,
  })
}

function planText({ credits, ends }: NonNullable<AccountSeen['freePlan']>): string {
  const left = credits === undefined ? '' : `, with $${credits.toFixed(2)} of credits left`
  const until = ends === undefined ? '' : `, until ${new Date(ends).toISOString().slice(0, 10)}`
  return `The account has AWS’s free plan${left}${until}: the lab is paid from the credits.`
}
