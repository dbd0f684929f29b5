import { type Command, flasklab, onServer } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'

/** Puts the original project on the server; the one that was there is kept as FlaskLoginApp.old. */
export const PROJECT_AGAIN: readonly Command[] = [
  onServer(`rm -f ${handout.project}/.flasklab-digest`),
  flasklab('up'),
]

export function notAsPut(changed: readonly string[]): string {
  return `Not as the lab put them into ~/${handout.project}: ${changed.join(', ')}.`
}

/** Only whoever has changed a project knows what of it is to stay. */
export const ORIGINAL_AGAIN: Finding['remedy'] = {
  say: `Correct it on the server and restart the app ("flasklab logs" shows what it writes); or let these put the original project back, yours is kept as ${handout.project}.old.`,
  run: PROJECT_AGAIN,
}

/** The remedy for a project that has lost a part. */
export const WHOLE_AGAIN: Finding['remedy'] = {
  say: `Put the project there again; yours is kept beside it as ${handout.project}.old.`,
  run: PROJECT_AGAIN,
}
