import type { Finding } from '../../lab/finding.ts'
import type { Evidence } from '../evidence.ts'
import { changedFiles, notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import { journalEnding } from './journal-ending.ts'

/** What files and journal tell of an app that answers, and not as it should. */
export async function insideTheApp(why: string, evidence: Evidence): Promise<Omit<Finding, 'what'>> {
  const [changed, answers] = await Promise.all([changedFiles(evidence), evidence.serviceNow()])
  const files = changed.length === 0 ? 'Its files are as the lab put them there.' : notAsPut(changed)
  return {
    why: `${why} ${files}${journalEnding(answers)}`,
    remedy:
      changed.length === 0
        ? { say: 'Mend what its journal names; this shows more of it.', run: ['flasklab logs'] }
        : ORIGINAL_AGAIN,
  }
}
