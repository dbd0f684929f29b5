import { type Check, fail, pass } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import type { Evidence } from '../evidence.ts'
import { rerunPhases } from '../rerun-phases.ts'
import { WHOLE_AGAIN } from './changed-files.ts'

export const appFiles: Check<Evidence> = {
  id: 'app-files',
  title: 'The project is whole',
  needs: ['ssh-login'],
  async examine(evidence) {
    const answer = (await evidence.around())['missing']
    const isThere = answer?.code === 0
    const missing = isThere ? outermost(answer.text.split('\n').filter(Boolean)) : []
    if (isThere && missing.length === 0) return pass()
    const few = missing.slice(0, 5).join(', ')
    return fail(
      {
        what: isThere
          ? `In ~/${handout.project} on the server there is no ${few}${missing.length > 5 ? ` (and ${missing.length - 5} more)` : ''}.`
          : `The folder ~/${handout.project} is not on the server.`,
        why: 'The app can’t start, or breaks when it needs what is missing. A running app goes on with what it has read until it is restarted.',
        remedy: evidence.kit.isHandmade
          ? { say: 'Write it again, as phase 3 of the handout has it.' }
          : WHOLE_AGAIN,
      },
      evidence.kit.isHandmade
        ? undefined
        : rerunPhases(evidence, 'put the project on the server again', ['project', 'site']),
    )
  },
}

/** What is in a folder that is missing itself goes without saying. */
function outermost(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)))
}
