import type { Health } from '../../host/commands.ts'
import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { onServer } from '../../lab/command.ts'
import { handout } from '../../lab/lab.ts'
import type { Looks } from '../evidence.ts'
import { type FactLooks, rerunPhases } from '../rerun-phases.ts'
import { notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import type { InsideLooks } from './inside-the-app.ts'
import { itsJournalEnds } from './its-journal-ends.ts'

export const appHealth: Check<FactLooks & InsideLooks & Looks<'health'>> = {
  id: 'app-health',
  title: 'The app says that it is well',
  needs: ['app-listen', 'app-env', 'db-schema'],
  // It is asked by a program for Node.js.
  explainedBy: ['node-runtime'],
  async examine(evidence) {
    if (evidence.lab.isHandmade) return skip('the handout’s app has no /health')
    const health = await evidence.health()
    if (health.code === 0 && health.ms < SLOW_MS) return pass()
    const changed = await evidence.changedFiles()
    const what = unwell(health)
    const said = itsJournalEnds(await evidence.serviceNow())
    if (changed.length > 0) return fail({ what, why: `${notAsPut(changed)}${said}`, remedy: ORIGINAL_AGAIN })
    if (health.code === 0) return fail({ what, why: `${BUSY}${said}`, remedy: LOOK_AT_LOAD })
    return fail(
      {
        what,
        why: `It runs with settings, database and table in order, so it may have started before they were.${said}`,
        remedy: { say: 'Restart it.', run: [onServer(`sudo systemctl restart ${handout.service}`)] },
      },
      rerunPhases(evidence, 'restart the app', ['site']),
    )
  },
}

/** Then the login, of several requests, takes longer than anybody waits for it. */
const SLOW_MS = 3_000

const BUSY =
  'Its files are as the lab put them there, so the server may have too much to do: a t3.micro that has used up its CPU credits is slow for hours.'

const LOOK_AT_LOAD = {
  say: 'See what keeps the server busy, and end it if you do not need it.',
  run: [onServer('ps aux --sort=-%cpu | head')],
}

function unwell({ code, ms, text }: Health): string {
  if (code === 0)
    return `Asked for /health on the server, the app takes ${Math.round(ms / 100) / 10} s to answer.`
  if (text === 'TimeoutError') return 'Asked for /health on the server, the app does not answer within 5 s.'
  return `Asked for /health on the server, the app says: ${text || 'nothing'}.`
}
