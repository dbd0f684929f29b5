import type { Mend } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { installDependencies } from '../../phases/2-install-dependencies.ts'
import type { Evidence } from '../evidence.ts'

export function installPrograms(evidence: Evidence): Mend {
  return {
    title: 'install what the lab needs on the server',
    async apply() {
      const { id, address, vpcId, groupIds } = await expectFound(evidence.server())
      const server = { id, address: address ?? '', vpcId, groupIds }
      await installDependencies.make({ server }, evidence.kit)
    },
  }
}
