import { flasklab } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Looks } from '../evidence.ts'
import { notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import { itsJournalEnds } from './its-journal-ends.ts'

export type InsideLooks = Looks<'changedFiles' | 'serviceNow'>

/** Explains by files and journal why an app that answers does not answer as it should. */
export async function insideTheApp(why: string, evidence: InsideLooks): Promise<Omit<Finding, 'what'>> {
  const [changed, service] = await Promise.all([evidence.changedFiles(), evidence.serviceNow()])
  const files = changed.length === 0 ? 'Its files are as the lab put them there.' : notAsPut(changed)
  return {
    why: `${why} ${files}${itsJournalEnds(service)}`,
    remedy:
      changed.length === 0
        ? { say: 'Mend what its journal names; this shows more of it.', run: [flasklab('logs')] }
        : ORIGINAL_AGAIN,
  }
}
