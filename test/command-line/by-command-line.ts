import { test } from 'vitest'
import { hasAws } from '../practice/aws-command.ts'
import { type Behaviour, openFidelityCloud } from '../practice/fidelity/behaviour.ts'
import { commandLine, TooOld } from '../practice/fidelity/channels.ts'

export function testByCommandLine(behaviours: readonly Behaviour[]): void {
  for (const { says, check } of behaviours) {
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
