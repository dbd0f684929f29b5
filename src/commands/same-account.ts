import { awsAnywhere, flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Identity } from '../lab/lab.ts'
import type { Kit } from '../lab/ports/kit.ts'

/** There the lab would seem to be gone, and another one to be missing. */
export function refuseOtherAccount(identity: Identity, kit: Pick<Kit, 'record'>): void {
  const { account, name } = kit.record.value
  if (account === undefined || account === identity.account) return
  throw new LabError({
    what: `The lab "${name}" lives in the account ${account}, but these credentials are for ${identity.account}.`,
    why: `They are those of ${identity.arn}; AWS_PROFILE, where it is set, wins over keys in the environment.`,
    remedy: {
      say: 'Use the credentials of the lab’s account, or begin another lab.',
      run: [awsAnywhere('sts', 'get-caller-identity'), flasklab('up', { lab: 'another-name' })],
    },
  })
}
