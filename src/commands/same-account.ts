import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Identity } from '../lab/lab.ts'
import { otherAccount } from '../lab/other-account.ts'
import type { Kit } from '../lab/ports/kit.ts'

/** There the lab would seem to be gone, and another one to be missing. */
export function refuseOtherAccount(identity: Identity, kit: Pick<Kit, 'record'>): void {
  const other = otherAccount(identity, kit.record.value)
  if (other === undefined) return
  const { run = [] } = other.remedy
  const say = 'Use the credentials of the lab’s account, or begin another lab.'
  throw new LabError({
    ...other,
    remedy: { say, run: [...run, flasklab('up', { lab: 'another-name' })] },
  })
}
