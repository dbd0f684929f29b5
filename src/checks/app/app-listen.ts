import { type Check, fail, type Outcome, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'
import { type FactLooks, rerunPhases } from '../rerun-phases.ts'
import { notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import { oddSettings } from './listen-settings.ts'

const { sitePort, project } = handout

export const appListen: Check<FactLooks & Looks<'service' | 'changedFiles'>> = {
  id: 'app-listen',
  title: `The app listens on 0.0.0.0:${sitePort}`,
  needs: ['app-service'],
  // An app that can't start is up for a moment every two seconds.
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(evidence): Promise<Outcome> {
    const { listening } = await evidence.service()
    const open = [`0.0.0.0:${sitePort}`, `*:${sitePort}`, `[::]:${sitePort}`]
    if (listening.some((each) => open.includes(each))) return pass()
    const own = listening.find((each) => each.endsWith(`:${sitePort}`))
    const changed = await evidence.changedFiles()
    const { env } = await evidence.survey()
    const why =
      own === undefined
        ? `The security group lets the site in on port ${sitePort}: a browser is refused there.`
        : '127.0.0.1 is the server itself: curl works there, while a browser is refused from outside.'
    if (evidence.lab.isHandmade) return fail({ ...elsewhereInPython(own), why })
    if (changed.length > 0 && oddSettings(env).length === 0) {
      const what =
        own === undefined
          ? `The app runs, but nothing on the server listens on port ${sitePort}.`
          : `The app listens on ${own} only.`
      return fail({ what, why: `${notAsPut(changed)} ${why}`, remedy: ORIGINAL_AGAIN })
    }
    return fail(
      {
        what:
          own === undefined
            ? `Nothing on the server listens on port ${sitePort} (PORT in ~/${project}/.env is "${env.settings['PORT'] ?? ''}").`
            : `The app listens on ${own} only (HOST in ~/${project}/.env is "${env.settings['HOST'] ?? ''}").`,
        why,
        remedy: {
          say: `Listen on all interfaces (HOST="0.0.0.0", PORT="${sitePort}") and restart; phase ${phaseNumber('site')} does both.`,
          run: [flasklab('up')],
        },
      },
      rerunPhases(evidence, 'write the settings again and restart the app', ['site']),
    )
  },
}

/** The handout's app is in Flask, which by itself listens on 127.0.0.1. */
function elsewhereInPython(own: string | undefined): Pick<Finding, 'what' | 'remedy'> {
  const call = `app.run(host='0.0.0.0', port=${sitePort})`
  return own === undefined
    ? {
        what: `Nothing on the server listens on port ${sitePort}.`,
        remedy: {
          say: `Start the app, as phase ${phaseNumber('site')} of the handout has it: "python3 app.py" in ~/${project}, which must end in ${call}. Its output tells why it does not stay.`,
        },
      }
    : {
        what: `The app listens on ${own} only.`,
        remedy: {
          say: `Let ~/${project}/app.py end in ${call}, and start it again; with "flask run" it is "flask run --host=0.0.0.0 --port=${sitePort}".`,
        },
      }
}
