import type { SettingsFile } from '../../host/server-survey.ts'
import { type Check, fail, type Outcome, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { DatabaseSeen } from '../../lab/ports/databases.ts'
import { Secret } from '../../lab/secret.ts'
import { settings } from '../../phases/7-run-application.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { type FactLooks, rerunPhases } from '../rerun-phases.ts'
import { LISTEN_SETTINGS } from './listen-settings.ts'

export const appEnv: Check<FactLooks & Looks> = {
  id: 'app-env',
  title: 'The app’s settings are the live ones',
  needs: ['app-files'],
  async examine(evidence) {
    const [{ env, config }, database] = [await evidence.survey(), await evidence.database()]
    if (evidence.lab.isHandmade) return handmadeSettings(config.settings, database)
    const wanted = knownSettings(database, evidence.lab)
    const wrong = Object.keys(wanted).filter((name) => env.settings[name] !== wanted[name])
    if (wrong.length === 0) return pass()
    return fail(
      wrongSettings(wrong, env, wanted),
      rerunPhases(evidence, 'write the settings again and restart the app', ['site']),
    )
  },
}

/** The settings that .env must hold, without those that nobody knows while there is no endpoint or no password. */
function knownSettings(
  seen: DatabaseSeen | undefined,
  { record }: ExaminedLab,
): Readonly<Record<string, string>> {
  const { endpoint = { host: '', port: 0 } } = seen ?? {}
  const app = new Secret(record.passwords?.app ?? '')
  const unknown = [
    ...(seen?.endpoint === undefined ? ['RDS_HOST', 'RDS_PORT'] : []),
    ...(record.passwords === undefined ? ['RDS_PASSWORD'] : []),
    ...Object.keys(LISTEN_SETTINGS),
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
  { is, settings: present, hasMark }: SettingsFile,
  wanted: Readonly<Record<string, string>>,
): Finding {
  const file = `~/${handout.project}/.env`
  const difference = (name: string) => {
    if (present[name] === undefined) return `${name} is missing`
    if (name === 'RDS_PASSWORD') return 'RDS_PASSWORD is not the app user’s password'
    return `${name} is "${present[name]}", not "${wanted[name]}"`
  }
  const mark = hasMark
    ? 'It begins with an invisible byte order mark, as some editors on Windows write it, so that systemd does not know its first name. '
    : ''
  return {
    what:
      is === 'file'
        ? `In ${file} on the server ${wrong.map(difference).join('; ')}.`
        : is === 'folder'
          ? `${file} on the server is a folder, and no file with settings.`
          : `The settings ${file} are not on the server.`,
    why: `${mark}systemd gives the settings to the app when it starts; with wrong ones it does not start, or asks the wrong database and answers 503.`,
    remedy: {
      say: `Write them again and restart the app; phase ${phaseNumber('site')} does both.`,
      run: [flasklab('up')],
    },
  }
}
