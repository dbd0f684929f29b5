import { type Check, pass } from '../../lab/check.ts'
import { freePlanText } from '../../lab/free-plan.ts'
import type { Evidence } from '../evidence.ts'
import { isMade, missingOf } from './missing-parts.ts'

export const accountPlan: Check<Evidence> = {
  id: 'account-plan',
  title: 'The account’s plan allows what the lab needs',
  needs: ['region'],
  async examine(evidence) {
    if (isMade(await missingOf(evidence))) return pass('yes, as server and database exist')
    const { free, unknown } = await evidence.plan()
    if (unknown.length > 0) return pass('unknown, as these credentials may not ask')
    return pass(free && freePlanText(free))
  },
}
