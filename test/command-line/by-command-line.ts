import { test } from 'vitest'
import { hasAws } from '../practice/aws-command.ts'
import { type Behaviour, openFidelityCloud } from '../practice/fidelity/behaviour.ts'
import { commandLine, TooOld } from '../practice/fidelity/channels.ts'
import { sampleOf } from '../support/sample.ts'

/** The SDK says the same in the tests of the practice API, all of it each time. */
const EVERY = Number(process.env['FLASKLAB_COMMAND_LINE_EVERY'] ?? 1)

export function testByCommandLine(behaviours: readonly Behaviour[]): void {
  for (const { says, check } of sampleOf(behaviours, EVERY)) {
    test.runIf(hasAws)(`by the aws command line: ${says}`, async ({ skip }) => {
      await using cloud = await openFidelityCloud()
      try {
        await check(cloud, commandLine)
      } catch (error) {
        if (error instanceof TooOld) skip(error.message)
        throw error
      }
    })
  }
}
