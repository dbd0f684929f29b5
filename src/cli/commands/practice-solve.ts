import type { Solved } from '../../drills/solve.ts'
import type { CliCommand } from '../command.ts'
import { openDrills } from '../drills.ts'
import { withLab } from '../open-labs.ts'

export const practiceSolve: CliCommand<undefined, Solved> = {
  usage: 'solve',
  about: 'repair the fault that is planted, and say what it was',
  options: () => undefined,
  async run(_, session) {
    const drills = await openDrills(session)
    const options = { lookup: 'find', changing: 'practice solve', lab: drills.drilledLab() } as const
    await withLab(options, session, (kit) => drills.within(kit).solve())
    // By a lab that is opened anew: the fault may have been one of the credentials.
    return withLab({ ...options, again: true }, session, (kit) => drills.within(kit).confirmSolved())
  },
  json: (solved) => solved,
  async view(solved, paper) {
    const { solvedText } = await import('../../terminal/views/drills.ts')
    return solvedText(solved, paper)
  },
}
