import { type Check, fail, pass, warn } from '../../lab/check.ts'
import { hasCode, LabError } from '../../lab/finding.ts'
import { otherAccount } from '../../lab/other-account.ts'
import { sessionEndsSoon } from '../../lab/session-end.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'

const SOON_MS = 15 * 60_000

export const credentials: Check<Looks<'identity' | 'credentialsEnd'>> = {
  id: 'credentials',
  title: 'AWS accepts the credentials',
  needs: [],
  async examine({ identity, credentialsEnd, lab }) {
    const who = await identity().catch((error: unknown) => {
      throw error instanceof LabError && hasCode(error, 'expired') ? withFresh(error, lab) : error
    })
    const other = otherAccount(who, lab.record)
    if (other !== undefined) return fail(other)
    const end = await credentialsEnd()
    const left = end === undefined ? undefined : end - lab.examinedAt
    if (left !== undefined && left < SOON_MS) return warn(sessionEndsSoon(left))
    return pass(`${who.arn}${end === undefined ? '' : `, until ${new Date(end).toISOString()}`}`)
  },
}

function withFresh({ finding }: LabError, { laptop }: ExaminedLab): LabError {
  return new LabError({ ...finding, remedy: { ...finding.remedy, run: laptop.renewCredentials } })
}
