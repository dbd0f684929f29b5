import { awsAnywhere } from './command.ts'
import type { Finding } from './finding.ts'
import type { Identity } from './lab.ts'
import type { LabRecord } from './lab-record.ts'

/** Tells of credentials for another account than the lab's: there the lab would seem to be gone. */
export function otherAccount(identity: Identity, record: LabRecord): Finding | undefined {
  if (record.account === undefined || record.account === identity.account) return undefined
  return {
    what: `The lab "${record.name}" lives in the account ${record.account}, but these credentials are for ${identity.account}.`,
    why: `They are those of ${identity.arn}; AWS_PROFILE, where it is set, wins over keys in the environment.`,
    remedy: {
      say: 'Use the credentials of the lab’s account.',
      run: [awsAnywhere('sts', 'get-caller-identity')],
    },
  }
}
