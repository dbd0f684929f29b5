import { flasklab } from './command.ts'
import type { Finding } from './finding.ts'
import type { LabRecord } from './lab-record.ts'

/** As a tag holds it: ISO 8601 in UTC, to the second. */
export function deadlineIn(ms: number, now: number): string {
  return new Date(now + ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** Only what reads as `deadlineIn` writes it, with milliseconds or without, is a moment that something is deleted by. */
export function readDeadline(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text)) return undefined
  const time = new Date(text)
  // The 30th of February would be in March.
  const isThere = !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 19))
  return isThere ? time.getTime() : undefined
}

/** Undefined while there is time, and for a lab without a deadline. */
export function deadlinePassed(
  { name, expires }: Pick<LabRecord, 'name' | 'expires'>,
  now: number,
): Finding | undefined {
  if (expires === undefined || !((readDeadline(expires) ?? now) < now)) return undefined
  return {
    what: `The lab "${name}" was to be gone by ${expires}.`,
    why: 'It was built with that deadline; it is still there, and on AWS it goes on to cost.',
    remedy: {
      say: 'Delete it, or put the deadline off.',
      run: [flasklab('cleanup'), flasklab('up', { expires: '4h' })],
    },
  }
}
