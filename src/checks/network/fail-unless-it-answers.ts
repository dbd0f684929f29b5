import type { Reachability } from '../../host/commands.ts'
import { fail, type Mend, type Outcome, warn } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'

/** Forbidden by what is configured, but answered all the same, is a finding of its own. */
export function failUnlessItAnswers(
  reachability: Reachability | undefined,
  finding: Finding,
  what: string,
  mend?: Mend,
): Outcome {
  if (reachability !== 'answers') return fail(finding, mend)
  return warn({
    what: `${what} answers, although by the configuration it should not: ${finding.what}`,
    why: 'Another rule, a prefix list for example, allows it; or AWS has not carried the change everywhere yet.',
    remedy: finding.remedy,
  })
}
