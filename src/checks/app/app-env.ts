import { parseEnvFile } from '../../formats/env-file.ts'
import type { Answer } from '../../host/visit.ts'
import { type Check, fail, type Outcome, pass } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import type { DatabaseSeen } from '../../lab/ports/databases.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import { Secret } from '../../lab/secret.ts'
import { settings } from '../../phases/7-run-application.ts'
import type { Evidence } from '../evidence.ts'
import { rerunPhases } from '../rerun-phases.ts'
import { LISTEN_SETTINGS } from './listen-settings.ts'

export const appEnv: Check<Evidence> = {
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
      rerunPhases(evidence, 'write the settings again and restart the app', ['site']),
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
