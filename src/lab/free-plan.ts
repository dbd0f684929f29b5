import type { PlanSeen } from './ports/account.ts'

/** With what is left of its credits, and its end. */
export function freePlanText({ credits, ends }: NonNullable<PlanSeen['free']>): string {
  const left = credits === undefined ? '' : `, with $${credits.toFixed(2)} of credits left`
  const until = ends === undefined ? '' : `, until ${new Date(ends).toISOString().slice(0, 10)}`
  return `The account has AWS’s free plan${left}${until}: the lab is paid from the credits.`
}
