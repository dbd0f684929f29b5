import { journalEnding } from '../../host/journal-ending.ts'
import type { ServiceSurvey } from '../../host/service-survey.ts'

/** How the app's journal ends, behind a sentence; empty where it says nothing. */
export function itsJournalEnds({ journal }: ServiceSurvey): string {
  const last = journalEnding(journal, 6)
  return last === '' ? '' : ` Its journal ends:\n${last}`
}
