import type { CliCommand } from '../command.ts'
import { textOf } from '../given.ts'

type Variables = Readonly<Record<string, string>>

export const practiceEnv: CliCommand<{ readonly region: string | undefined }, Variables> = {
  usage: 'env',
  about:
    'start it if need be, and print what lets the aws command line talk to it: eval "$(flasklab practice env)"',
  options: (given) => ({ region: textOf(given, 'region') }),
  async run({ region }, { io, home }) {
    const { practiceEnv: variablesOf } = await import('../../world/practice-cloud.ts')
    return variablesOf({ home, env: io.env }, region)
  },
  json: (variables) => variables,
  async view(variables) {
    const { envText } = await import('../../terminal/views/practice.ts')
    return envText(variables)
  },
}
