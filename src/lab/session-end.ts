import type { Finding } from './finding.ts'

/** Tells of an AWS session that ends before what is planned is done. */
export function sessionEndsSoon(leftMs: number): Finding {
  return {
    what: `The AWS session ends in ${timeLeft(Math.max(0, leftMs))}.`,
    why: 'After that AWS refuses everything, "cleanup" too; what was made stays, and goes on to cost.',
    remedy: { say: 'Get fresh credentials first (in a Learner Lab: Start Lab, AWS Details, AWS CLI).' },
  }
}

/** "45 minutes" or "1 h 30 min". */
export function timeLeft(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  return minutes < 60 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
