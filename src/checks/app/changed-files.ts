import { createHash } from 'node:crypto'
import { parseSums } from '../../host/visit.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { projectFiles } from '../../phases/3-create-project.ts'
import type { Evidence } from '../evidence.ts'

/** Puts the original project on the server; the one that was there is kept as FlaskLoginApp.old. */
export const PROJECT_AGAIN: readonly string[] = [
  `flasklab ssh -- rm -f ${handout.project}/.flasklab-digest`,
  'flasklab up',
]

/** The project's files that are on the server in other words than the lab's; none of them in a handmade lab. */
export async function changedFiles(evidence: Evidence): Promise<readonly string[]> {
  if (evidence.kit.isHandmade) return []
  const sums = parseSums((await evidence.around())['sums']?.text ?? '')
  return projectFiles(evidence.kit)
    .filter(({ path, content }) => sums[path] !== createHash('sha256').update(content).digest('hex'))
    .map(({ path }) => path)
}

export function notAsPut(changed: readonly string[]): string {
  return `Not as the lab put them into ~/${handout.project}: ${changed.join(', ')}.`
}

/** Of a project that somebody has changed: only they know what of it is to stay. */
export const ORIGINAL_AGAIN: Finding['remedy'] = {
  say: `Correct it on the server and restart the app ("flasklab logs" shows what it writes); or let these put the original project back, yours is kept as ${handout.project}.old.`,
  run: PROJECT_AGAIN,
}

/** Of a project of which a part is gone. */
export const WHOLE_AGAIN: Finding['remedy'] = {
  say: `Put the project there again; yours is kept beside it as ${handout.project}.old.`,
  run: PROJECT_AGAIN,
}
