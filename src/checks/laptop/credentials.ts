import { type Check, fail, pass, warn } from '../../lab/check.ts'
import { awsAnywhere } from '../../lab/command.ts'
import { type Finding, hasCode, LabError } from '../../lab/finding.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'

const SOON_MS = 15 * 60_000

export const credentials: Check<Looks<'identity' | 'credentialsEnd'>> = {
  id: 'credentials',
  title: 'AWS accepts the credentials',
  needs: [],
  async examine({ identity, credentialsEnd, lab }) {
    const { account, arn } = await identity().catch((error: unknown) => {
      throw error instanceof LabError && hasCode(error, 'expired') ? withFresh(error, lab) : error
    })
    const expected = lab.record.account
    if (expected !== undefined && expected !== account) return fail(otherAccount(account, arn, expected))
    const end = await credentialsEnd()
    const left = end === undefined ? undefined : end - lab.examinedAt
    if (left !== undefined && left < SOON_MS) return warn(endsSoon(left))
    return pass(`${arn}${end === undefined ? '' : `, until ${new Date(end).toISOString()}`}`)
  },
}

function withFresh({ finding }: LabError, { laptop }: ExaminedLab): LabError {
  return new LabError({ ...finding, remedy: { ...finding.remedy, run: laptop.renewCredentials } })
}

function otherAccount(account: string, arn: string, expected: string): Finding {
  return {
    what: `These credentials are for the account ${account}, but the lab is in ${expected}.`,
    why: `They are those of ${arn}. AWS_PROFILE, where it is set, wins over keys in the environment.`,
    remedy: {
      say: 'Use the credentials of the lab’s account.',
      run: [awsAnywhere('sts', 'get-caller-identity')],
    },
  }
}

function endsSoon(leftMs: number): Finding {
  return {
    what: `The AWS session ends in ${Math.max(0, Math.round(leftMs / 60_000))} minutes.`,
    why: 'After that AWS refuses everything, "cleanup" too; what was made goes on to cost.',
    remedy: { say: 'Get fresh credentials now (in a Learner Lab: AWS Details, AWS CLI).' },
  }
}
