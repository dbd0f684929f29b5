import { hasCode, LabError } from './finding.ts'
import type { Regions } from './ports/account.ts'
import type { WithCloud } from './ports/cloud.ts'
import type { Kit } from './ports/kit.ts'

/** A lab stays where its record says: where that is nowhere, no flag helps. */
export async function checkOwnRegion({
  cloud,
  record,
}: WithCloud<Regions> & Pick<Kit, 'record'>): Promise<void> {
  try {
    await cloud.checkRegion()
  } catch (error) {
    const file = record.files().find((each) => each.endsWith('lab.json'))
    if (!hasCode(error, 'no-region') || file === undefined) throw error
    const say = `The lab’s record has it so: put the region where the lab was built behind "region" in ${file}, then go on.`
    throw new LabError(
      { ...(error as LabError).finding, remedy: { say } },
      { cause: error, code: 'no-region' },
    )
  }
}
