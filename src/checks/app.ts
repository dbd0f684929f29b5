import { parseEnvFile } from '../host/visit.ts'
import { type Check, fail, type Outcome, pass, skip } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { DatabaseSeen } from '../lab/ports.ts'
import { settings } from '../phases/7-run-application.ts'
import { remake } from './remake.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

const appFiles: Check<Sight> = {
  id: 'app-files',
  title: 'The project is whole',
  needs: ['ssh-login'],
  async examine(sight) {
    const answer = (await sight.around())['missing']
    const isThere = answer?.code === 0
    const missing = isThere ? answer.text.split('\n').filter(Boolean) : []
    if (isThere && missing.length === 0) return pass()
    const few = missing.slice(0, 5).join(', ')
    return fail(
      {
        what: isThere
          ? `In ~/${handout.project} on the server there is no ${few}${missing.length > 5 ? ` (and ${missing.length - 5} more)` : ''}.`
          : `The folder ~/${handout.project} is not on the server.`,
        why: 'The app can’t start, or breaks when it needs what is missing. A running app goes on with what it has read until it is restarted.',
        remedy: {
          ...(sight.kit.isHandmade
            ? { say: 'Write it again, as phase 3 of the handout has it.' }
            : {
                say: 'Put the project there again; yours is kept beside it as FlaskLoginApp.old.',
                run: [`flasklab ssh -- rm -f ${handout.project}/.flasklab-digest`, 'flasklab up'],
              }),
        },
      },
      sight.kit.isHandmade ? undefined : remake(sight, 'put the project on the server again', [3, 7]),
    )
  },
}

const appEnv: Check<Sight> = {
  id: 'app-env',
  title: 'The app’s settings are the live ones',
  needs: ['app-files', 'db-login'],
  async examine(sight) {
    const seen = await there(sight.database())
    if (sight.kit.isHandmade) return handmadeSettings(await sight.config(), seen)
    if (seen.endpoint === undefined || sight.kit.record.value.passwords === undefined) {
      return skip('the lab knows no settings')
    }
    const { id, endpoint, vpcId, groupIds } = seen
    const wanted = settings({ id, endpoint, vpcId, groupIds }, sight.kit)
    const answer = (await sight.around())['env']
    const present = parseEnvFile(answer?.code === 0 ? answer.text : '')
    // Where and on which port it listens is asked by app-listen.
    const wrong = Object.keys(wanted).filter(
      (name) => !['HOST', 'PORT'].includes(name) && present[name] !== wanted[name],
    )
    if (wrong.length === 0) return pass()
    return fail(
      wrongSettings(wrong, present, wanted, answer?.code === 0),
      remake(sight, 'write the settings again and restart the app', [7]),
    )
  },
}

function handmadeSettings(config: Readonly<Record<string, string>>, seen: DatabaseSeen): Outcome {
  const wanted = { host: seen.endpoint?.host, database: handout.schema }
  const wrong = Object.entries(wanted).filter(([name, value]) => config[name] !== value)
  if (wrong.length === 0) return pass()
  const differences = wrong.map(([name, value]) => `${name} is "${config[name] ?? ''}", not "${value}"`)
  return fail({
    what: `In ~/${handout.project}/db_config.py on the server ${differences.join('; ')}.`,
    why: 'The app dials what stands there: a wrong name ends in "Unknown MySQL server host", a wrong database in "Unknown database".',
    remedy: {
      say: `Correct it; the endpoint is in the RDS console, under ${seen.id}, Connectivity. Then restart the app.`,
    },
  })
}

function wrongSettings(
  wrong: readonly string[],
  there: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
  isThere: boolean,
): Finding {
  const file = `~/${handout.project}/.env`
  const difference = (name: string) => {
    if (there[name] === undefined) return `${name} is missing`
    if (name === 'RDS_PASSWORD') return 'RDS_PASSWORD is not the app user’s password'
    return `${name} is "${there[name]}", not "${wanted[name]}"`
  }
  return {
    what: isThere
      ? `In ${file} on the server ${wrong.map(difference).join('; ')}.`
      : `The settings ${file} are not on the server.`,
    why: 'systemd gives them to the app when it starts; with wrong ones it does not start, or asks the wrong database and answers 503.',
    remedy: { say: 'Write them again and restart the app; phase 7 does both.', run: ['flasklab up'] },
  }
}

const appService: Check<Sight> = {
  id: 'app-service',
  title: 'The service is enabled and runs',
  needs: ['app-files'],
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(sight) {
    if (sight.kit.isHandmade) return skip('the handout starts the app by hand')
    const answers = await sight.service()
    const state = parseEnvFile(answers['service']?.text ?? '')
    // Without a file there is no state of it.
    const [enabled = '', active = ''] = [state['UnitFileState'], state['ActiveState']]
    if (enabled === 'enabled' && active === 'active') return pass()
    const last = (answers['journal']?.text ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
      .slice(-4)
    const isKnown = enabled !== ''
    const finding: Finding = {
      what: !isKnown
        ? `systemd on the server knows no service ${handout.service}.`
        : active !== 'active'
          ? `The service ${handout.service} is ${active}, not active.`
          : `The service ${handout.service} runs, but is ${enabled}.`,
      why:
        active === 'active'
          ? 'It runs now, and will not be started after a reboot of the server.'
          : `Nothing serves port ${handout.sitePort}. Its journal ends:\n${last.join('\n')}`,
      remedy: {
        say: 'Enable and start it.',
        run: isKnown ? [`flasklab ssh -- sudo systemctl enable --now ${handout.service}`] : ['flasklab up'],
      },
    }
    return fail(finding, remake(sight, 'write the unit again, enable and restart the service', [7]))
  },
}

const appListen: Check<Sight> = {
  id: 'app-listen',
  title: `The app listens on 0.0.0.0:${handout.sitePort}`,
  needs: ['app-service'],
  // An app that can't start is up for a moment every two seconds.
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(sight): Promise<Outcome> {
    const lines = ((await sight.service())['listening']?.text ?? '').split('\n')
    const local = lines.flatMap((line) => line.trim().split(/\s+/)[3] ?? [])
    const open = [`0.0.0.0:${handout.sitePort}`, `*:${handout.sitePort}`, `[::]:${handout.sitePort}`]
    if (local.some((each) => open.includes(each))) return pass()
    const own = local.find((each) => each.endsWith(`:${handout.sitePort}`))
    const there = parseEnvFile((await sight.around())['env']?.text ?? '')
    return fail(
      {
        what:
          own === undefined
            ? `Nothing on the server listens on port ${handout.sitePort} (PORT in ~/${handout.project}/.env is "${there['PORT'] ?? ''}").`
            : `The app listens on ${own} only (HOST in ~/${handout.project}/.env is "${there['HOST'] ?? ''}").`,
        why:
          own === undefined
            ? 'The security group lets the site in on port 5000: a browser is refused there.'
            : '127.0.0.1 is the server itself: curl works there, while a browser is refused from outside.',
        remedy: {
          say: `Listen on all interfaces (HOST="0.0.0.0", PORT="${handout.sitePort}") and restart; phase 7 does both.`,
          run: ['flasklab up'],
        },
      },
      sight.kit.isHandmade ? undefined : remake(sight, 'write the settings again and restart the app', [7]),
    )
  },
}

const appHealth: Check<Sight> = {
  id: 'app-health',
  title: 'The app says that it is well',
  needs: ['app-listen', 'app-env', 'db-schema'],
  // It is asked by a program for Node.js.
  explainedBy: ['node-runtime'],
  async examine(sight) {
    if (sight.kit.isHandmade) return skip('the handout’s app has no /health')
    const { code, text } = await sight.health()
    if (code === 0) return pass()
    const journal = (await sight.service())['journal']?.text.split('\n').slice(-4).join('\n') ?? ''
    return fail(
      {
        what: `Asked for /health on the server, the app says: ${text || 'nothing'}.`,
        why: `It runs with settings, database and table in order, so it may have started before they were. Its journal ends:\n${journal}`,
        remedy: { say: 'Restart it.', run: [`flasklab ssh -- sudo systemctl restart ${handout.service}`] },
      },
      remake(sight, 'restart the app', [7]),
    )
  },
}

export const appChecks = [appFiles, appEnv, appService, appListen, appHealth]
