import type { Finding } from './finding.ts'
import type { LabRecord } from './lab-record.ts'

export const REDACTED = '********'

/** Takes the lab's own passwords out of a text: a journal that is quoted may hold one. */
export function redactRecorded({ passwords }: Pick<LabRecord, 'passwords'>): (text: string) => string {
  const all = Object.values(passwords ?? {})
  return (text) => all.reduce((rest, password) => rest.replaceAll(password, REDACTED), text)
}

export function redactFinding({ what, why, remedy }: Finding, hide: (text: string) => string): Finding {
  return {
    what: hide(what),
    ...(why === undefined ? {} : { why: hide(why) }),
    remedy: {
      say: hide(remedy.say),
      ...(remedy.run === undefined ? {} : { run: remedy.run.map(hide) }),
    },
  }
}
