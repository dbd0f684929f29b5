import type { Command } from '../../src/lab/command.ts'
import { commandLines } from '../../src/lab/command-text.ts'

/** Stands in an expected value for a command that is typed as a line with this in it. */
export function lineWith(words: string | RegExp) {
  const isIn = (line: string) => (typeof words === 'string' ? line.includes(words) : words.test(line))
  return {
    asymmetricMatch: (command: Command) => isIn(commandLines([command]).join('\n')),
    toString: () => `lineWith(${words})`,
  }
}
