import type { TestResult } from '../../commands/test-login.ts'
import type { ProofStep } from '../../lab/lab.ts'
import { PLAIN_HTTP } from '../../lab/plain-http.ts'
import type { Paper } from '../paper.ts'
import { table } from '../table.ts'

export function testText({ passed, steps }: TestResult, { fold, width }: Paper): string {
  const rows = steps.map((step) => [mark(step), step.id, step.detail])
  return [
    ...table(rows, { columns: [{ width: 4 }, {}], gap: 2, indent: 0, width, last: 'folded' }),
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
