import { handout } from '../lab/lab.ts'
import { inOne, readAnswers } from './questions.ts'

const SERVICE = handout.service

/** How the app's service fares, and what listens. */
export interface ServiceSurvey {
  /** systemd's word for the unit's file, such as "enabled"; empty where it knows none. */
  readonly unitFile: string
  /** systemd's word for the service's state, such as "active"; empty where it knows none. */
  readonly state: string
  readonly pid: string
  /** The last lines of its journal. */
  readonly journal: string
  /** Addresses with ports, such as `0.0.0.0:5000`. */
  readonly listening: readonly string[]
}

export const surveyService = inOne({
  service: `systemctl show ${SERVICE} --property=UnitFileState,ActiveState,MainPID`,
  journal: `sudo journalctl -u ${SERVICE} -n 20 --no-pager -o cat`,
  listening: 'ss -ltn',
})

export function readServiceSurvey(stdout: string): ServiceSurvey {
  const answers = readAnswers(stdout)
  const properties = Object.fromEntries(
    (answers['service']?.text ?? '').split('\n').map((line) => line.trim().split('=', 2)),
  ) as Readonly<Record<string, string | undefined>>
  return {
    unitFile: properties['UnitFileState'] ?? '',
    state: properties['ActiveState'] ?? '',
    pid: properties['MainPID'] ?? '',
    journal: answers['journal']?.text ?? '',
    listening: (answers['listening']?.text ?? '')
      .split('\n')
      .flatMap((line) => line.trim().split(/\s+/)[3] ?? []),
  }
}

const LISTENERS = `sudo ss -ltnp | grep ':${handout.sitePort} ' | grep -o 'pid=[0-9]*' | cut -d= -f2 | sort -u`
/** `systemctl status` of a process begins with the service, or the login, that it is a part of. */
const ITS_SERVICE = `systemctl status $pid -n 0 --no-pager | head -n 1 | grep -o '[^ ]*[.]service'`

/** Prints which processes listen on the site's port. */
export const surveyListeners = `for pid in $(${LISTENERS}); do echo "$pid $(kill -0 $pid && echo own || echo other) $(${ITS_SERVICE} || echo -) $(ps -o args= -p $pid)"; done 2>/dev/null`

/** A process that listens on the site's port. */
export interface Listener {
  readonly pid: number
  /** Whether it is ec2-user's, who needs no sudo to end it. */
  readonly isOwn: boolean
  /** The systemd service that it is a part of. */
  readonly service: string | undefined
  readonly command: string
}

/** The processes on the site's port, one line of text each. */
export function readListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, owner, unit, command = ''] = /^(\d+) (own|other) (\S+) (.*)$/.exec(line) ?? []
    // A program of somebody who is logged in can be a part of user@1000.service.
    const service = unit === '-' || unit?.startsWith('user@') ? undefined : unit
    return pid === undefined ? [] : [{ pid: Number(pid), isOwn: owner === 'own', service, command }]
  })
}
