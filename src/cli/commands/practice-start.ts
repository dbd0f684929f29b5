import type { PracticeStatus } from '../../world/practice-cloud.ts'
import type { CliCommand } from '../command.ts'
import { viewPractice } from './practice-status.ts'

export const practiceStart: CliCommand<undefined, PracticeStatus> = {
  usage: 'start',
  about: 'start it; it runs until "practice stop"',
  options: () => undefined,
  async run(_, { io, home, ask, tell }) {
    const { practiceStart: start } = await import('../../world/practice-cloud.ts')
    return start({ home, env: io.env }, ask, tell)
  },
  json: (status) => status,
  view: viewPractice,
}
