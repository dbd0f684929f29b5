import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { ProofStep } from '../lab/lab.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { siteOf } from '../phases/7-run-application.ts'
import type { ConnectKit } from '../phases/host-key.ts'
import { testLogin } from '../phases/login-probe.ts'
import { findRunningLab } from './running-lab.ts'

export interface TestResult {
  readonly passed: boolean
  readonly steps: readonly ProofStep[]
}

/** Proves the app by a user of its own, whom it removes. */
export async function testTheApp(
  kit: ConnectKit & Pick<Kit, 'browse' | 'ifInterrupted' | 'reach' | 'snapshot' | 'sql'>,
): Promise<TestResult> {
  const { server, database } = await findRunningLab(kit)
  if (database === undefined) {
    throw new LabError({
      what: 'The lab has no database that is available.',
      remedy: { say: 'Go through the phases: they find what is missing.', run: [flasklab('up')] },
    })
  }
  const { steps } = await testLogin({ server, database, site: await siteOf(server.address, kit) }, kit)
  return { passed: steps.every((step) => step.passed), steps }
}
