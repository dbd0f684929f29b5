import type { ServerSurvey } from '../host/server-survey.ts'
import type { Result } from '../lab/check.ts'
import { handout } from '../lab/lab.ts'
import { REDACTED, redactFinding, redactRecorded } from '../lab/redact.ts'
import type { Evidence } from './evidence.ts'

/** They stand where a password belongs only once two settings were swapped. */
const NO_SECRETS: readonly string[] = [...Object.values(handout).map(String), 'localhost']
const SHORTEST = 4

type Hide = (text: string) => string

/** Results without the lab's passwords: a journal, or a setting in another one's place, may hold one. */
export async function withoutPasswords(
  results: readonly Result[],
  { survey, lab }: Pick<Evidence, 'survey' | 'lab'>,
): Promise<readonly Result[]> {
  // A survey that has not ended by now is in no finding, so nobody waits for it.
  const late = new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))
  const seen = await Promise.race([survey().catch(() => undefined), late])
  const recorded = redactRecorded(lab.record)
  const hideWritten = writtenHidden(seen)
  const hide: Hide = (text) => hideWritten(recorded(text))
  return results.map((result) => ({
    ...result,
    ...('finding' in result ? { finding: redactFinding(result.finding, hide) } : {}),
    ...('remark' in result && result.remark !== undefined ? { remark: hide(result.remark) } : {}),
  }))
}

/** Hides what the server's settings have for a password; whole words only, as somebody's may be a short one. */
function writtenHidden(seen: ServerSurvey | undefined): Hide {
  const words = Object.entries({ ...seen?.config.settings, ...seen?.env.settings })
    .filter(([name, value]) => /pass|pwd|secret/i.test(name) && value.length >= SHORTEST)
    .map(([, value]) => value)
    .filter((value) => !NO_SECRETS.includes(value))
  const patterns = words.map((word) => {
    const literal = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    return new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g')
  })
  return (text) => patterns.reduce((rest, pattern) => rest.replace(pattern, REDACTED), text)
}
