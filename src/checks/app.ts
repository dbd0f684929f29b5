import type { Health } from '../host/commands.ts'
import { type Answer, parseEnvFile } from '../host/visit.ts'
import { type Check, fail, type Outcome, pass, skip } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { DatabaseSeen, Kit } from '../lab/ports.ts'
import { Secret } from '../lab/secret.ts'
import { settings } from '../phases/7-run-application.ts'
import { appListen } from './app-listen.ts'
import { changedFiles, notAsPut, ORIGINAL_AGAIN, WHOLE_AGAIN } from './changed-files.ts'
import type { Evidence } from './evidence.ts'
import { rerunPhases } from './rerun-phases.ts'
import { appService, ending, LISTENING } from './service.ts'

const appFiles: Check<Evidence> = {
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
        : rerunPhases(evidence, 'put the project on the server again', [3, 7]),
    )
  },
}

/** What is in a folder that is missing itself goes without saying. */
function outermost(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)))
}

const appEnv: Check<Evidence> = {
  id: 'app-env',
  title: 'The app’s settings are the live ones',
  needs: ['app-files'],
  async examine(evidence) {
    if (evidence.kit.isHandmade) return handmadeSettings(await evidence.config(), await evidence.database())
    const wanted = knownSettings(await evidence.database(), evidence.kit)
    const answer = (await evidence.around())['env'] ?? { code: 1, text: '' }
    const present = parseEnvFile(answer.code === 0 ? answer.text : '')
    const wrong = Object.keys(wanted).filter((name) => present[name] !== wanted[name])
    if (wrong.length === 0) return pass()
    return fail(
      wrongSettings(wrong, present, wanted, answer),
      rerunPhases(evidence, 'write the settings again and restart the app', [7]),
    )
  },
}

/** What must stand in .env; what nobody knows, while there is no endpoint or no password, is left out. */
function knownSettings(seen: DatabaseSeen | undefined, { record }: Kit): Readonly<Record<string, string>> {
  const { endpoint = { host: '', port: 0 } } = seen ?? {}
  const app = new Secret(record.value.passwords?.app ?? '')
  const unknown = [
    ...(seen?.endpoint === undefined ? ['RDS_HOST', 'RDS_PORT'] : []),
    ...(record.value.passwords === undefined ? ['RDS_PASSWORD'] : []),
    ...Object.keys(LISTENING),
  ]
  const all = Object.entries(settings({ endpoint }, app))
  return Object.fromEntries(all.filter(([name]) => !unknown.includes(name)))
}

function handmadeSettings(config: Readonly<Record<string, string>>, seen: DatabaseSeen | undefined): Outcome {
  const host = seen?.endpoint?.host
  const wanted = { ...(host === undefined ? {} : { host }), database: handout.schema }
  const wrong = Object.entries(wanted).filter(([name, value]) => config[name] !== value)
  if (wrong.length === 0) return pass()
  const differences = wrong.map(([name, value]) => `${name} is "${config[name] ?? ''}", not "${value}"`)
  return fail({
    what: `In ~/${handout.project}/db_config.py on the server ${differences.join('; ')}.`,
    why: 'The app dials what stands there: a wrong name ends in "Unknown MySQL server host", a wrong database in "Unknown database".',
    remedy: {
      say: `Correct it; the endpoint is in the RDS console, under ${seen?.id ?? 'Databases'}, Connectivity. Then restart the app.`,
    },
  })
}

function wrongSettings(
  wrong: readonly string[],
  there: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  { code, text }: Answer,
): Finding {
  const file = `~/${handout.project}/.env`
  const difference = (name: string) => {
    if (there[name] === undefined) return `${name} is missing`
    if (name === 'RDS_PASSWORD') return 'RDS_PASSWORD is not the app user’s password'
    return `${name} is "${there[name]}", not "${wanted[name]}"`
  }
  const isFolder = /Is a directory/i.test(text)
  const mark = text.startsWith('\uFEFF')
    ? 'It begins with an invisible byte order mark, as some editors on Windows write it, so that systemd does not know its first name. '
    : ''
  return {
    what:
      code === 0
        ? `In ${file} on the server ${wrong.map(difference).join('; ')}.`
        : isFolder
          ? `${file} on the server is a folder, and no file with settings.`
          : `The settings ${file} are not on the server.`,
    why: `${mark}systemd gives the settings to the app when it starts; with wrong ones it does not start, or asks the wrong database and answers 503.`,
    remedy: { say: 'Write them again and restart the app; phase 7 does both.', run: ['flasklab up'] },
  }
}

const appHealth: Check<Evidence> = {
  id: 'app-health',
  title: 'The app says that it is well',
  needs: ['app-listen', 'app-env', 'db-schema'],
  // It is asked by a program for Node.js.
  explainedBy: ['node-runtime'],
  async examine(evidence) {
    if (evidence.kit.isHandmade) return skip('the handout’s app has no /health')
    const health = await evidence.health()
    if (health.code === 0 && health.ms < SLOW_MS) return pass()
    const changed = await changedFiles(evidence)
    const what = unwell(health)
    const said = ending(await evidence.serviceNow())
    if (changed.length > 0) return fail({ what, why: `${notAsPut(changed)}${said}`, remedy: ORIGINAL_AGAIN })
    if (health.code === 0) return fail({ what, why: `${BUSY}${said}`, remedy: LOOK_AT_LOAD })
    return fail(
      {
        what,
        why: `It runs with settings, database and table in order, so it may have started before they were.${said}`,
        remedy: { say: 'Restart it.', run: [`flasklab ssh -- sudo systemctl restart ${handout.service}`] },
      },
      rerunPhases(evidence, 'restart the app', [7]),
    )
  },
}

/** Then the login, of several requests, takes longer than anybody waits for it. */
const SLOW_MS = 3_000
const BUSY =
  'Its files are as the lab put them there, so the server may have too much to do: a t3.micro that has used up its CPU credits is slow for hours.'
const LOOK_AT_LOAD = {
  say: 'See what keeps the server busy, and end it if you do not need it.',
  run: ['flasklab ssh -- "ps aux --sort=-%cpu | head"'],
}

function unwell({ code, ms, text }: Health): string {
  if (code === 0)
    return `Asked for /health on the server, the app takes ${Math.round(ms / 100) / 10} s to answer.`
  if (text === 'TimeoutError') return 'Asked for /health on the server, the app does not answer within 5 s.'
  return `Asked for /health on the server, the app says: ${text || 'nothing'}.`
}

export const appChecks = [appFiles, appEnv, appService, appListen, appHealth]
