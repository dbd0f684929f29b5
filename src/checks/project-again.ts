import { handout } from '../lab/lab.ts'

/** Puts the original project on the server; the one that was there is kept as FlaskLoginApp.old. */
export const PROJECT_AGAIN: readonly string[] = [
  `flasklab ssh -- rm -f ${handout.project}/.flasklab-digest`,
  'flasklab up',
]
