import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { ProofStep } from '../lab/lab.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { PLAIN_HTTP, siteOf } from '../phases/7-run-application.ts'
import { testLogin } from '../phases/login-probe.ts'
import { findRunningLab } from './running-lab.ts'

export interface TestResult {
  readonly passed: boolean
  readonly steps: readonly ProofStep[]
}

/** Proves the app by a user of its own, whom it removes. */
export async function testTheApp(kit: Kit): Promise<TestResult> {
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

/** `fold`: breaks prose at the screen's width, its lines but the first indented. */
export function testText(
  { passed, steps }: TestResult,
  fold: (text: string, indent?: number) => string,
): string {
  const width = Math.max(...steps.map((step) => step.id.length))
  return [
    ...steps.map((step) => {
      const start = `${mark(step)}  ${step.id.padEnd(width)}  `
      return start + fold(step.detail, start.length)
    }),
    '',
    fold(
      passed
        ? `The app works. ${PLAIN_HTTP}`
        : `${conclusion(steps)} "flasklab doctor" finds out why, and says how to mend it.`,
    ),
  ].join('\n')
}

function mark({ passed, tried }: ProofStep): string {
  if (passed) return 'ok  '
  return tried === false ? '-   ' : 'FAIL'
}

function conclusion(steps: readonly ProofStep[]): string {
  const failed = steps.filter((step) => !step.passed && step.tried !== false).map(({ id }) => id)
  if (failed.includes('site')) return 'The site does not answer.'
  if (failed.includes('database'))
    return 'The site answers; logging in was not tried, as the test can’t open the database to remove its user.'
  if (failed.every((id) => id === 'removed')) return 'The app works, but the test’s user is still there.'
  return 'The app does not work ("flasklab logs" shows what it wrote).'
}
