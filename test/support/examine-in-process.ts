import { gatherEvidence, lookAhead } from '../../src/checks/evidence.ts'
import type { Result } from '../../src/lab/check.ts'
import { createLabIndex } from '../../src/store/lab-index.ts'
import { openWorld } from '../../src/world/open-world.ts'
import { fakeIo } from './fake-io.ts'
import { examineBy, type Recording, recorder } from './recording.ts'
import type { Student } from './student.ts'

const no = async () => false

/** The doctor in this process, at a student's lab: what it found, and all that it saw. */
export async function examineInProcess({
  home,
  environment,
}: Student): Promise<{ readonly results: readonly Result[]; readonly recording: Recording }> {
  const world = await openWorld({
    io: fakeIo({ env: environment }),
    home,
    labs: createLabIndex(home),
    lab: undefined,
    target: undefined,
    region: undefined,
    profile: undefined,
    ask: { confirm: no, typeBack: no, goOn: no },
    tell: () => {},
    lookup: 'find',
    examine: async () => ({ healthy: true, rootCauses: [], checks: [] }),
  })
  const { end, ...looks } = gatherEvidence(world.kit)
  try {
    const { evidence, recording } = recorder(looks)
    lookAhead(evidence)
    const results = await examineBy(evidence)
    return { results, recording: await recording() }
  } finally {
    end()
    await world.close()
  }
}
