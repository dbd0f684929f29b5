import { expect } from 'vitest'
import type { Command } from '../../src/lab/command.ts'
import { commandLines } from '../../src/lab/command-text.ts'

/** A command equals the line that a POSIX shell is given, so that tests show what a student reads. */
expect.addEqualityTesters([
  (one, other) => {
    if (isCommand(one) && typeof other === 'string') return isWritten(one, other)
    if (isCommand(other) && typeof one === 'string') return isWritten(other, one)
    return undefined
  },
])

function isWritten(command: Command, line: string): boolean {
  return commandLines([command]).join('\n') === line
}

function isCommand(value: unknown): value is Command {
  return typeof value === 'object' && value !== null && 'kind' in value
}
