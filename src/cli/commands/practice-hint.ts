import type { Hints } from '../../drills/hint.ts'
import type { CliCommand } from '../command.ts'
import { openDrills } from '../drills.ts'

export const practiceHint: CliCommand<undefined, Hints> = {
  usage: 'hint',
  about: 'one more of three hints to the fault that is planted',
  options: () => undefined,
  run: async (_, session) => (await openDrills(session)).hint(),
  json: (hints) => hints,
  async view(hints, paper) {
    const { hintText } = await import('../../terminal/views/drills.ts')
    return hintText(hints, paper)
  },
}
