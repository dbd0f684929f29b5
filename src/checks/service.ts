import { createHash } from 'node:crypto'
import { serviceUnit } from '../host/service-unit.ts'
import { type Answers, type Listener, parseEnvFile, parseSums } from '../host/visit.ts'
import { type Check, fail, type Outcome, pass, skip } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import { projectFiles } from '../phases/3-create-project.ts'
import { PROJECT_AGAIN } from './project-again.ts'
import { hostFact, remake } from './remake.ts'
import type { Sight } from './sight.ts'

const { project, service, sitePort } = handout
/** Where the app listens: what app-env leaves to the checks in this file. */
export const LISTENING: Readonly<Record<string, string>> = { HOST: '0.0.0.0', PORT: String(sitePort) }
const ENABLE = `flasklab ssh -- sudo systemctl enable --now ${service}`

export const appService: Check<Sight> = {
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
    if (enabled === '') return unknown(sight)
    const isUp = active === 'active'
    const how = isUp ? `runs, but is ${enabled}` : `is ${active}, not active`
    const around = await sight.around()
    const rewritten = [...(isUp ? [] : oddSettings(around)), ...oddUnit(around)]
    const stranger = isUp ? undefined : await strangerAtPort(sight)
    if (stranger) return portTaken(stranger, active === 'inactive' || enabled !== 'enabled', answers)
    if (rewritten.length > 0) return otherwiseWritten(how, rewritten, answers, sight)
    if (isUp) return notEnabled(how, sight)
    return active === 'inactive' ? stopped(how, answers, sight) : crashes(how, answers, sight)
  },
}

function unknown(sight: Sight): Outcome {
  return fail(
    {
      what: `systemd on the server knows no service ${service}.`,
      why: `Nothing serves port ${sitePort}: its unit was never enabled, or has been removed.`,
      remedy: { say: 'Write the unit and start it; phase 7 does both.', run: ['flasklab up'] },
    },
    phaseSeven(sight),
  )
}

function notEnabled(how: string, sight: Sight): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}.`,
      why: 'It runs now, and will not be started after a reboot of the server.',
      remedy: { say: 'Enable it.', run: [ENABLE] },
    },
    phaseSeven(sight),
  )
}

/** Whose process it is, nobody here knows: no mend ends it. */
function portTaken(listener: Listener, needsStart: boolean, answers: Answers): Outcome {
  const { pid, command, isOwn, service: its } = listener
  const end = its === undefined ? `${isOwn ? '' : 'sudo '}kill ${pid}` : `sudo systemctl disable --now ${its}`
  const whose = its === undefined ? `process ${pid}` : `process ${pid} of ${its}`
  return fail({
    what: `Another program has port ${sitePort} on the server: ${command} (${whose}).`,
    why: `Of two programs only one can listen there (EADDRINUSE), and the service ${service} came second.${ending(answers)}`,
    remedy: {
      say: `End it, if you do not need it${needsStart ? ', and start the service.' : '; the service then starts by itself, within seconds.'}`,
      run: [`flasklab ssh -- ${end}`, ...(needsStart ? [ENABLE] : [])],
    },
  })
}

async function strangerAtPort(sight: Sight): Promise<Listener | undefined> {
  const listeners = await sight.listeners()
  return listeners.find((each) => each.service !== `${service}.service`)
}

function oddSettings(around: Answers): readonly string[] {
  const present = parseEnvFile(around['env']?.text ?? '')
  return Object.entries(LISTENING)
    .filter(([name, value]) => present[name] !== value)
    .map(([name, value]) => `${name} in .env is "${present[name] ?? ''}", not "${value}"`)
}

function oddUnit(around: Answers): readonly string[] {
  const host = hostFact(around)
  if (host === undefined) return []
  const wanted = linesOf(serviceUnit(host, `${host.home}/${project}`))
  const present = linesOf(around['unit']?.text ?? '')
  const odd = [
    ...wanted.filter((line) => !present.includes(line)),
    ...present.filter((line) => !wanted.includes(line)),
  ]
  if (odd.length === 0) return []
  const names = new Set(odd.map((line) => line.split('=')[0]))
  return [`${service}.service is not as phase 7 wrote it (${[...names].join(', ')})`]
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

function otherwiseWritten(how: string, parts: readonly string[], answers: Answers, sight: Sight): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}: in ~/${project} on the server ${parts.join('; ')}.`,
      why: `systemd starts the app by these two files, when it starts it.${ending(answers)}`,
      remedy: {
        say: 'Write unit and settings again and restart the app; phase 7 does it.',
        run: ['flasklab up'],
      },
    },
    phaseSeven(sight),
  )
}

function stopped(how: string, answers: Answers, sight: Sight): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}.`,
      why: `Nothing serves port ${sitePort}: somebody has stopped it.${ending(answers)}`,
      remedy: { say: 'Enable and start it.', run: [ENABLE] },
    },
    phaseSeven(sight),
  )
}

async function crashes(how: string, answers: Answers, sight: Sight): Promise<Outcome> {
  const changed = await changedFiles(sight)
  const cause =
    changed.length === 0
      ? 'Its files are as they were put there, so it may be its dependencies (node_modules).'
      : `Not as the lab put them there: ${changed.join(', ')}.`
  return fail(
    {
      what: `The service ${service} ${how}: the app ends as soon as it is started.`,
      why: `${cause}${ending(answers)}`,
      remedy: {
        say: `Correct it on the server ("flasklab logs" shows more); or let these put the original project back, yours is kept as ${project}.old.`,
        run: PROJECT_AGAIN,
      },
    },
    // What somebody has written goes away by their own hand only.
    changed.length === 0 ? remake(sight, 'put the project on the server again', [3, 7]) : undefined,
  )
}

async function changedFiles(sight: Sight): Promise<readonly string[]> {
  const sums = parseSums((await sight.around())['sums']?.text ?? '')
  return projectFiles(sight.kit)
    .filter(({ path, content }) => sums[path] !== createHash('sha256').update(content).digest('hex'))
    .map(({ path }) => path)
}

export const appListen: Check<Sight> = {
  id: 'app-listen',
  title: `The app listens on 0.0.0.0:${sitePort}`,
  needs: ['app-service'],
  // An app that can't start is up for a moment every two seconds.
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(sight): Promise<Outcome> {
    const lines = ((await sight.service())['listening']?.text ?? '').split('\n')
    const local = lines.flatMap((line) => line.trim().split(/\s+/)[3] ?? [])
    const open = [`0.0.0.0:${sitePort}`, `*:${sitePort}`, `[::]:${sitePort}`]
    if (local.some((each) => open.includes(each))) return pass()
    const own = local.find((each) => each.endsWith(`:${sitePort}`))
    const why =
      own === undefined
        ? `The security group lets the site in on port ${sitePort}: a browser is refused there.`
        : '127.0.0.1 is the server itself: curl works there, while a browser is refused from outside.'
    if (sight.kit.isHandmade) return fail({ ...elsewhereInPython(own), why })
    const there = parseEnvFile((await sight.around())['env']?.text ?? '')
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
      remake(sight, 'write the settings again and restart the app', [7]),
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

/** The last words of the journal, without where in the code an error was thrown. */
export function ending(answers: Answers): string {
  const last = (answers['journal']?.text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(-6)
  return last.length === 0 ? '' : ` Its journal ends:\n${last.join('\n')}`
}

function phaseSeven(sight: Sight) {
  return remake(sight, 'write the unit again, enable and restart the service', [7])
}
