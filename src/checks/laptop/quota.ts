import { type Check, pass } from '../../lab/check.ts'
import type { Looks } from '../evidence.ts'

export const quota: Check<Looks<'missing' | 'unaskedQuotas'>> = {
  id: 'quota',
  title: 'The account’s quotas leave room',
  needs: ['region'],
  explainedBy: ['account-plan'],
  async examine({ missing, unaskedQuotas }) {
    const { server, database } = await missing()
    if (!server && !database) return pass('yes, as server and database exist')
    const unknown = await unaskedQuotas()
    return pass(unknown.length === 0 ? undefined : `these credentials may not ask: ${unknown.join(', ')}`)
  },
}
