import type { Mend } from '../../lab/check.ts'
import { expectServer } from '../../lab/facts.ts'
import { installDependencies } from '../../phases/2-install-dependencies.ts'
import type { Evidence } from '../evidence.ts'

export function installPrograms(server: Evidence['server']): Mend {
  return {
    title: 'install what the lab needs on the server',
    async apply(kit) {
      await installDependencies.make({ server: expectServer(await server()) }, kit)
    },
  }
}
