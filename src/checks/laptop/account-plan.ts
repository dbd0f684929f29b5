import { type Check, pass } from '../../lab/check.ts'
import { freePlanText } from '../../lab/free-plan.ts'
import type { Looks } from '../evidence.ts'

export const accountPlan: Check<Looks<'missing' | 'plan'>> = {
  id: 'account-plan',
  title: 'The account’s plan allows what the lab needs',
  needs: ['region'],
  async examine({ missing, plan }) {
    const { server, database } = await missing()
    if (!server && !database) return pass('yes, as server and database exist')
    const { free, unknown } = await plan()
    if (unknown.length > 0) return pass('unknown, as these credentials may not ask')
    return pass(free && freePlanText(free))
  },
}
