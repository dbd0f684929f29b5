import { Command } from 'commander'
import { addAccountCommands } from '../../src/cli/account-commands.ts'
import { type Add, commonFlags } from '../../src/cli/command-line.ts'
import { addLabCommands } from '../../src/cli/lab-commands.ts'
import { addPracticeCommands } from '../../src/cli/practice-commands.ts'

/** The real command line, whose commands do nothing. */
export function commandLine(): Command {
  const silent = { writeOut: () => {}, writeErr: () => {} }
  const program = new Command('flasklab')
    .version('0')
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput(silent)
  const add: Add = (parent, spec, description) =>
    commonFlags(
      parent
        .command(spec)
        .description(description)
        .action(() => {}),
    )
  addLabCommands(program, add)
  addAccountCommands(program, add)
  addPracticeCommands(program, add)
  for (const each of allCommands(program)) each.exitOverride().configureOutput(silent)
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
