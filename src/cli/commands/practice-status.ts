import type { PracticeStatus } from '../../world/practice-cloud.ts'
import type { CliCommand } from '../command.ts'

export const practiceStatus: CliCommand<undefined, PracticeStatus> = {
  usage: 'status',
  about: 'whether it runs, and what it holds',
  options: () => undefined,
  async run(_, { home }) {
    const { practiceStatus: look } = await import('../../world/practice-cloud.ts')
    return look(home)
  },
  json: (status) => status,
  view: viewPractice,
}

export async function viewPractice(status: PracticeStatus): Promise<string> {
  const { practiceText } = await import('../../terminal/views/practice.ts')
  return practiceText(status)
}
