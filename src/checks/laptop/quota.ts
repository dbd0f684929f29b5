import { type Check, pass } from '../../lab/check.ts'
import type { Evidence } from '../evidence.ts'
import { isMade, missingOf } from './missing-parts.ts'

export const quota: Check<Evidence> = {
  id: 'quota',
  title: 'The account’s quotas leave room',
  needs: ['region'],
  explainedBy: ['account-plan'],
  async examine(evidence) {
    const missing = await missingOf(evidence)
    if (isMade(missing)) return pass('yes, as server and database exist')
    const unknown = await evidence.kit.cloud.checkQuotas(missing, await evidence.plan())
    return pass(unknown.length === 0 ? undefined : `these credentials may not ask: ${unknown.join(', ')}`)
  },
}
