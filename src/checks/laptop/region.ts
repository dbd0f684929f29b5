import { type Check, pass } from '../../lab/check.ts'
import { checkOwnRegion } from '../../lab/own-region.ts'
import type { Evidence } from '../evidence.ts'

export const region: Check<Evidence> = {
  id: 'region',
  title: 'The region exists and is enabled',
  needs: ['credentials'],
  async examine({ kit, server }) {
    // Where a server is found, the region does.
    if ((await server().catch(() => undefined)) === undefined) await checkOwnRegion(kit)
    return pass(kit.cloud.region)
  },
}
