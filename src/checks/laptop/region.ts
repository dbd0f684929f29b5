import { type Check, pass } from '../../lab/check.ts'
import type { Looks } from '../evidence.ts'

export const region: Check<Looks<'server' | 'checkRegion'>> = {
  id: 'region',
  title: 'The region exists and is enabled',
  needs: ['credentials'],
  async examine({ server, checkRegion, lab }) {
    // Where a server is found, the region does.
    if ((await server().catch(() => undefined)) === undefined) await checkRegion()
    return pass(lab.region)
  },
}
