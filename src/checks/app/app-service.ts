import type { ServerSurvey } from '../../host/server-survey.ts'
import type { Listener, ServiceSurvey } from '../../host/service-survey.ts'
import { serviceUnit } from '../../host/service-unit.ts'
import { type Check, fail, type Outcome, pass, skip, warn } from '../../lab/check.ts'
import { flasklab, onServer } from '../../lab/command.ts'
import type { Finding } from '../../lab/finding.ts'
import { handout } from '../../lab/lab.ts'
import { settingNames } from '../../phases/7-run-application.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'
import { type FactLooks, rerunPhases } from '../rerun-phases.ts'
import { notAsPut, ORIGINAL_AGAIN, PROJECT_AGAIN } from './changed-files.ts'
import { itsJournalEnds } from './its-journal-ends.ts'
import { oddSettings } from './listen-settings.ts'

const { service, project, sitePort } = handout

const ENABLE = onServer(`sudo systemctl enable --now ${service}`)

type Seen = FactLooks & Looks<'service' | 'changedFiles' | 'listeners'>

export const appService: Check<Seen> = {
  id: 'app-service',
  title: 'The service is enabled and runs',
  needs: ['app-files'],
  explainedBy: ['app-env', 'node-runtime', 'disk-space'],
  async examine(evidence) {
    if (evidence.lab.isHandmade) return skip('the handout starts the app by hand')
    const seen = await evidence.service()
    const { unitFile: enabled, state: active } = seen
    if (enabled === 'enabled' && active === 'active') return running(evidence)
    if (enabled === '') return unknown(evidence)
    const isUp = active === 'active'
    const how = isUp ? `runs, but is ${enabled}` : `is ${active}, not active`
    const survey = await evidence.survey()
    const rewritten = [...(isUp ? [] : oddSettings(survey.env)), ...oddUnit(survey)]
    const stranger = isUp ? undefined : await strangerAtPort(evidence)
    if (stranger) return portTaken(stranger, active === 'inactive' || enabled !== 'enabled', seen)
    if (rewritten.length > 0) return otherwiseWritten(how, rewritten, seen, evidence)
    if (isUp) return notEnabled(how, evidence)
    return active === 'inactive' ? stopped(how, seen, evidence) : crashes(how, seen, evidence)
  },
}

/** A changed file may be meant to be so: the checks after this one tell whether the app still works. */
async function running(evidence: Seen): Promise<Outcome> {
  const changed = await evidence.changedFiles()
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

function unknown(evidence: Seen): Outcome {
  return fail(
    {
      what: `systemd on the server knows no service ${service}.`,
      why: `Nothing serves port ${sitePort}: its unit was never enabled, or has been removed.`,
      remedy: {
        say: `Write the unit and start it; phase ${phaseNumber('site')} does both.`,
        run: [flasklab('up')],
      },
    },
    phaseSeven(evidence),
  )
}

function notEnabled(how: string, evidence: Seen): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}.`,
      why: 'It runs now, and will not be started after a reboot of the server.',
      remedy: { say: 'Enable it.', run: [ENABLE] },
    },
    phaseSeven(evidence),
  )
}

/** Nobody here knows who needs that process: no mend ends it. */
function portTaken(listener: Listener, needsStart: boolean, seen: ServiceSurvey): Outcome {
  const { pid, command, isOwn, service: its } = listener
  const end = its === undefined ? `${isOwn ? '' : 'sudo '}kill ${pid}` : `sudo systemctl disable --now ${its}`
  const whose = its === undefined ? `process ${pid}` : `process ${pid} of ${its}`
  return fail({
    what: `Another program has port ${sitePort} on the server: ${command} (${whose}).`,
    why: `Only one of two programs can listen there (EADDRINUSE), and the service ${service} came second.${itsJournalEnds(seen)}`,
    remedy: {
      say: `End it, if you do not need it${needsStart ? ', and start the service.' : '; the service then starts by itself, within seconds.'}`,
      run: [onServer(end), ...(needsStart ? [ENABLE] : [])],
    },
  })
}

async function strangerAtPort(evidence: Seen): Promise<Listener | undefined> {
  const listeners = await evidence.listeners()
  return listeners.find((each) => each.service !== `${service}.service`)
}

function oddUnit({ host, unit }: ServerSurvey): readonly string[] {
  if (host === undefined) return []
  const wanted = linesOf(serviceUnit(host, `${host.home}/${project}`))
  const present = linesOf(unit)
  const odd = [
    ...wanted.filter((line) => !present.includes(line)),
    ...present.filter((line) => !wanted.includes(line)),
  ]
  if (odd.length === 0) return []
  const names = new Set(odd.map((line) => line.split('=')[0]))
  return [`${service}.service is not as phase ${phaseNumber('site')} wrote it (${[...names].join(', ')})`]
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

function otherwiseWritten(
  how: string,
  parts: readonly string[],
  seen: ServiceSurvey,
  evidence: Seen,
): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}: in ~/${project} on the server ${parts.join('; ')}.`,
      why: `systemd starts the app by these two files, when it starts it.${itsJournalEnds(seen)}`,
      remedy: {
        say: `Write unit and settings again and restart the app; phase ${phaseNumber('site')} does it.`,
        run: [flasklab('up')],
      },
    },
    phaseSeven(evidence),
  )
}

function stopped(how: string, seen: ServiceSurvey, evidence: Seen): Outcome {
  return fail(
    {
      what: `The service ${service} ${how}.`,
      why: `Nothing serves port ${sitePort}: somebody has stopped it.${itsJournalEnds(seen)}`,
      remedy: { say: 'Enable and start it.', run: [ENABLE] },
    },
    phaseSeven(evidence),
  )
}

async function crashes(how: string, seen: ServiceSurvey, evidence: Seen): Promise<Outcome> {
  const [changed, extra] = [await evidence.changedFiles(), extraSettings(await evidence.survey())]
  const causes = [
    ...(changed.length === 0 ? [] : [notAsPut(changed)]),
    ...(extra.length === 0 ? [] : [`Its .env sets more than the lab does: ${extra.join(', ')}.`]),
  ]
  const untouched = 'Its files are as they were put there, so it may be its dependencies (node_modules).'
  const finding = {
    what: `The service ${service} ${how}: the app ends as soon as it is started.`,
    why: `${causes.length === 0 ? untouched : causes.join(' ')}${itsJournalEnds(seen)}`,
  }
  // Only the student's own hand takes away what the student may have written.
  if (changed.length > 0) return fail({ ...finding, remedy: ORIGINAL_AGAIN })
  if (extra.length > 0) return fail({ ...finding, remedy: SETTINGS_AGAIN })
  const again = rerunPhases(evidence, 'put the project on the server again', ['project', 'site'])
  return fail({ ...finding, remedy: ORIGINAL_AGAIN }, again)
}

const SETTINGS_AGAIN: Finding['remedy'] = {
  say: `Take out what the app can’t start with, and restart it; or let phase ${phaseNumber('site')} write ~/${project}/.env anew, with the lab’s settings alone.`,
  run: [flasklab('up')],
}

function extraSettings({ env }: ServerSurvey): readonly string[] {
  return Object.keys(env.settings).filter((name) => !settingNames.includes(name))
}

function phaseSeven(evidence: Seen) {
  return rerunPhases(evidence, 'write the unit again, enable and restart the service', ['site'])
}
