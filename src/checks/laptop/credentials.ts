import { type Check, fail, pass, warn } from '../../lab/check.ts'
import { type Finding, hasCode, LabError } from '../../lab/finding.ts'
import type { Kit } from '../../lab/ports/kit.ts'
import type { Evidence } from '../evidence.ts'

const SOON_MS = 15 * 60_000

export const credentials: Check<Evidence> = {
  id: 'credentials',
  title: 'AWS accepts the credentials',
  needs: [],
  async examine({ identity, kit }) {
    const { account, arn } = await identity().catch((error: unknown) => {
      throw hasCode(error, 'expired') ? withFresh(error as LabError, kit) : error
    })
    const expected = kit.record.value.account
    if (expected !== undefined && expected !== account) return fail(otherAccount(account, arn, expected))
    const end = await kit.cloud.credentialsEnd()
    const left = end === undefined ? undefined : end - kit.clock.now()
    if (left !== undefined && left < SOON_MS) return warn(endsSoon(left))
    return pass(`${arn}${end === undefined ? '' : `, until ${new Date(end).toISOString()}`}`)
  },
}

function withFresh({ finding }: LabError, kit: Kit): LabError {
  return new LabError({ ...finding, remedy: { ...finding.remedy, run: kit.laptop.renewCredentials } })
}

function otherAccount(account: string, arn: string, expected: string): Finding {
  return {
    what: `These credentials are for the account ${account}, but the lab is in ${expected}.`,
    why: `They are those of ${arn}. AWS_PROFILE, where it is set, wins over keys in the environment.`,
    remedy: { say: 'Use the credentials of the lab’s account.', run: ['aws sts get-caller-identity'] },
  }
}

function endsSoon(leftMs: number): Finding {
  return {
    what: `The AWS session ends in ${Math.max(0, Math.round(leftMs / 60_000))} minutes.`,
    why: 'After that AWS refuses everything, "cleanup" too; what was made goes on to cost.',
    remedy: { say: 'Get fresh credentials now (in a Learner Lab: AWS Details, AWS CLI).' },
  }
}
