import { type Check, fail, pass } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'
import { type FactLooks, rerunPhases } from '../rerun-phases.ts'
import { WHOLE_AGAIN } from './changed-files.ts'

export const appFiles: Check<FactLooks & Looks> = {
  id: 'app-files',
  title: 'The project is whole',
  needs: ['ssh-login'],
  async examine(evidence) {
    const seen = (await evidence.survey()).missing
    const missing = outermost(seen ?? [])
    if (seen !== undefined && missing.length === 0) return pass()
    const few = missing.slice(0, 5).join(', ')
    return fail(
      {
        what:
          missing.length > 0
            ? `In ~/${handout.project} on the server there is no ${few}${missing.length > 5 ? ` (and ${missing.length - 5} more)` : ''}.`
            : `The folder ~/${handout.project} is not on the server.`,
        why: 'The app can’t start, or breaks when it needs what is missing. A running app goes on with what it has read until it is restarted.',
        remedy: evidence.lab.isHandmade
          ? { say: `Write it again, as phase ${phaseNumber('project')} of the handout has it.` }
          : WHOLE_AGAIN,
      },
      evidence.lab.isHandmade
        ? undefined
        : rerunPhases(evidence, 'put the project on the server again', ['project', 'site']),
    )
  },
}

/** Leaves out what lies in a folder that is missing itself. */
function outermost(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)))
}
