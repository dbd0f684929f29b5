import type { Command } from 'commander'
import { buildProgram } from '../../src/cli/program.ts'
import { fakeIo } from './fake-io.ts'

/** The real command line, whose commands do nothing. */
export function commandLine(): Command {
  const program = buildProgram(fakeIo(), async () => {})
  for (const each of allCommands(program)) each.exitOverride()
  return program
}

/** Each by the words with which it is called; those that only hold others do not count. */
export function commandsByWords(program: Command): ReadonlyMap<string, Command> {
  const named = allCommands(program).filter((each) => each === program || each.commands.length === 0)
  return new Map(named.map((each) => [wordsOf(each), each]))
}

function allCommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(allCommands)]
}

function wordsOf(command: Command): string {
  return command.parent === null ? '' : `${wordsOf(command.parent)} ${command.name()}`.trim()
}
