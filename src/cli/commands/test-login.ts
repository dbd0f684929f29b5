import type { TestResult } from '../../commands/test-login.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { withLab } from '../open-labs.ts'

export const testLogin: CliCommand<undefined, TestResult> = {
  usage: 'test-login',
  about: 'register, log in, be refused, and read the row from the database',
  options: () => undefined,
  async run(_, session) {
    const { testTheApp } = await import('../../commands/test-login.ts')
    return withLab({ lookup: 'find' }, session, testTheApp, ({ passed }) => ({ by: 'test', passed }))
  },
  json: (result) => result,
  async view(result, paper) {
    const { testText } = await import('../../terminal/views/test-login.ts')
    return testText(result, paper)
  },
  exitCode: ({ passed }) => (passed ? EXIT.done : EXIT.failed),
}
