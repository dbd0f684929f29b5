import { parseEnvFile } from '../../formats/env-file.ts'
import { type Check, fail, type Outcome, pass } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { Evidence } from '../evidence.ts'
import { rerunPhases } from '../rerun-phases.ts'
import { changedFiles, notAsPut, ORIGINAL_AGAIN } from './changed-files.ts'
import { oddSettings } from './listen-settings.ts'

const { sitePort, project } = handout

export const appListen: Check<Evidence> = {
  id: 'app-listen',
  title: `The app listens on 0.0.0.0:${sitePort}`,
  needs: ['app-service'],
  // An app that can't start is up for a moment every two seconds.
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(evidence): Promise<Outcome> {
    const lines = ((await evidence.service())['listening']?.text ?? '').split('\n')
    const local = lines.flatMap((line) => line.trim().split(/\s+/)[3] ?? [])
    const open = [`0.0.0.0:${sitePort}`, `*:${sitePort}`, `[::]:${sitePort}`]
    if (local.some((each) => open.includes(each))) return pass()
    const own = local.find((each) => each.endsWith(`:${sitePort}`))
    const changed = await changedFiles(evidence)
    const around = await evidence.around()
    const why =
      own === undefined
        ? `The security group lets the site in on port ${sitePort}: a browser is refused there.`
        : '127.0.0.1 is the server itself: curl works there, while a browser is refused from outside.'
    if (evidence.kit.isHandmade) return fail({ ...elsewhereInPython(own), why })
    if (changed.length > 0 && oddSettings(around).length === 0) {
      const what =
        own === undefined
          ? `The app runs, but nothing on the server listens on port ${sitePort}.`
          : `The app listens on ${own} only.`
      return fail({ what, why: `${notAsPut(changed)} ${why}`, remedy: ORIGINAL_AGAIN })
    }
    const there = parseEnvFile(around['env']?.text ?? '')
    return fail(
      {
        what:
          own === undefined
            ? `Nothing on the server listens on port ${sitePort} (PORT in ~/${project}/.env is "${there['PORT'] ?? ''}").`
            : `The app listens on ${own} only (HOST in ~/${project}/.env is "${there['HOST'] ?? ''}").`,
        why,
        remedy: {
          say: `Listen on all interfaces (HOST="0.0.0.0", PORT="${sitePort}") and restart; phase 7 does both.`,
          run: ['flasklab up'],
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
          say: `Start the app, as phase 7 of the handout has it: "python3 app.py" in ~/${project}, which must end in ${call}. What it prints tells why it does not stay.`,
        },
      }
    : {
        what: `The app listens on ${own} only.`,
        remedy: {
          say: `Let ~/${project}/app.py end in ${call}, and start it again; with "flask run" it is "flask run --host=0.0.0.0 --port=${sitePort}".`,
        },
      }
}
