import type { CliCommand } from '../command.ts'

export const practiceStop: CliCommand<undefined, { readonly stopped: boolean }> = {
  usage: 'stop',
  about: 'stop it; what is in it stays for the next start',
  options: () => undefined,
  async run(_, { home }) {
    const { practiceStop: stop } = await import('../../world/practice-cloud.ts')
    return stop(home)
  },
  json: (outcome) => outcome,
  view: ({ stopped }) => (stopped ? 'The practice cloud has stopped.' : 'The practice cloud did not run.'),
}
