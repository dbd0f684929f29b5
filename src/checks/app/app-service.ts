import { parseEnvFile } from '../../formats/env-file.ts'
import { serviceUnit } from '../../host/service-unit.ts'
import type { Answers, Listener } from '../../host/visit.ts'
import { type Check, fail, type Outcome, pass, skip, warn } from '../../lab/check.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { settingNames } from '../../phases/7-run-application.ts'
import type { Evidence } from '../evidence.ts'
import { hostFact, rerunPhases } from '../rerun-phases.ts'
import { changedFiles, notAsPut, ORIGINAL_AGAIN, PROJECT_AGAIN } from './changed-files.ts'
import { journalEnding } from './journal-ending.ts'
import { oddSettings } from './listen-settings.ts'

const { service, project, sitePort } = handout

const ENABLE = `flasklab ssh -- sudo systemctl enable --now ${service}`

export const appService: Check<Evidence> = {
  id: 'app-service',
  title: 'The service is enabled and runs',
  needs: ['app-files'],
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(evidence) {
    if (evidence.kit.isHandmade) return skip('the handout starts the app by hand')
    const answers = await evidence.service()
    const state = parseEnvFile(answers['service']?.text ?? '')
    // Without a file there is no state of it.
    const [enabled = '', active = ''] = [state['UnitFileState'], state['ActiveState']]
    if (enabled === 'enabled' && active === 'active') return running(evidence)
    if (enabled === '') return unknown(evidence)
    const isUp = active === 'active'
    const how = isUp ? `runs, but is ${enabled}` : `is ${active}, not active`
    const around = await evidence.around()
    const rewritten = [...(isUp ? [] : oddSettings(around)), ...oddUnit(around)]
    const stranger = isUp ? undefined : await strangerAtPort(evidence)
    if (stranger) return portTaken(stranger, active === 'inactive' || enabled !== 'enabled', answers)
    if (rewritten.length > 0) return otherwiseWritten(how, rewritten, answers, evidence)
    if (isUp) return notEnabled(how, evidence)
    return active === 'inactive' ? stopped(how, answers, evidence) : crashes(how, answers, evidence)
  },
}

/** What is changed may be meant to be: the checks after this one tell whether the app still works. */
async function running(evidence: Evidence): Promise<Outcome> {
  const changed = await changedFiles(evidence)
  if (changed.length === 0) return pass()
  return warn({
    what: `The app that runs may be another one than the files on the server say. ${notAsPut(changed)}`,
    why: 'It has read them when it was started, and reads what was written since at its next start: whether it starts then, nobody knows yet.',
    remedy: {
      say: `If you have changed them, restart it ("flasklab ssh -- sudo systemctl restart ${service}") and look again. Else these put the original project back; what is there is kept as ${project}.old.`,
      run: PROJECT_AGAIN,
    },
  })
}

function unknown(evidence: Evidence): Outcome {
  return fail(
    {
      what: `systemd on the server knows no service ${service}.`,
      why: `Nothing serves port ${sitePort}: its unit was never enabled, or has been removed.`,
      remedy: { say: 'Write the unit and start it; phase 7 does both.', run: ['flasklab up'] },
    },
    phaseSeven(evidence),
  )
}

function notEnabled(how: string, evidence: Evidence): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}.`,
      why: 'It runs now, and will not be started after a reboot of the server.',
      remedy: { say: 'Enable it.', run: [ENABLE] },
    },
    phaseSeven(evidence),
  )
}

/** Whose process it is, nobody here knows: no mend ends it. */
function portTaken(listener: Listener, needsStart: boolean, answers: Answers): Outcome {
  const { pid, command, isOwn, service: its } = listener
  const end = its === undefined ? `${isOwn ? '' : 'sudo '}kill ${pid}` : `sudo systemctl disable --now ${its}`
  const whose = its === undefined ? `process ${pid}` : `process ${pid} of ${its}`
  return fail({
    what: `Another program has port ${sitePort} on the server: ${command} (${whose}).`,
    why: `Of two programs only one can listen there (EADDRINUSE), and the service ${service} came second.${journalEnding(answers)}`,
    remedy: {
      say: `End it, if you do not need it${needsStart ? ', and start the service.' : '; the service then starts by itself, within seconds.'}`,
      run: [`flasklab ssh -- ${end}`, ...(needsStart ? [ENABLE] : [])],
    },
  })
}

async function strangerAtPort(evidence: Evidence): Promise<Listener | undefined> {
  const listeners = await evidence.listeners()
  return listeners.find((each) => each.service !== `${service}.service`)
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

function otherwiseWritten(
  how: string,
  parts: readonly string[],
  answers: Answers,
  evidence: Evidence,
): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}: in ~/${project} on the server ${parts.join('; ')}.`,
      why: `systemd starts the app by these two files, when it starts it.${journalEnding(answers)}`,
      remedy: {
        say: 'Write unit and settings again and restart the app; phase 7 does it.',
        run: ['flasklab up'],
      },
    },
    phaseSeven(evidence),
  )
}

function stopped(how: string, answers: Answers, evidence: Evidence): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}.`,
      why: `Nothing serves port ${sitePort}: somebody has stopped it.${journalEnding(answers)}`,
      remedy: { say: 'Enable and start it.', run: [ENABLE] },
    },
    phaseSeven(evidence),
  )
}

async function crashes(how: string, answers: Answers, evidence: Evidence): Promise<Outcome> {
  const [changed, extra] = [await changedFiles(evidence), extraSettings(await evidence.around())]
  const causes = [
    ...(changed.length === 0 ? [] : [notAsPut(changed)]),
    ...(extra.length === 0 ? [] : [`Its .env sets more than the lab does: ${extra.join(', ')}.`]),
  ]
  const untouched = 'Its files are as they were put there, so it may be its dependencies (node_modules).'
  const finding = {
    what: `The service ${service} ${how}: the app ends as soon as it is started.`,
    why: `${causes.length === 0 ? untouched : causes.join(' ')}${journalEnding(answers)}`,
  }
  // What somebody has written goes away by their own hand only.
  if (changed.length > 0) return fail({ ...finding, remedy: ORIGINAL_AGAIN })
  if (extra.length > 0) return fail({ ...finding, remedy: SETTINGS_AGAIN })
  const again = rerunPhases(evidence, 'put the project on the server again', ['project', 'site'])
  return fail({ ...finding, remedy: ORIGINAL_AGAIN }, again)
}

const SETTINGS_AGAIN: Finding['remedy'] = {
  say: `Take out what the app can’t start with, and restart it; or let phase 7 write ~/${project}/.env anew, with the lab’s settings alone.`,
  run: ['flasklab up'],
}

function extraSettings(around: Answers): readonly string[] {
  const present = Object.keys(parseEnvFile(around['env']?.text ?? ''))
  return present.filter((name) => !settingNames.includes(name))
}

function phaseSeven(evidence: Evidence) {
  return rerunPhases(evidence, 'write the unit again, enable and restart the service', ['site'])
}
