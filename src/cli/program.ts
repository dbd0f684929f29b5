import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Io, Output } from '../lab/io.ts'
import { addAccountCommands } from './account-commands.ts'
import { addingTo, type Begin } from './command-line.ts'
import { addLabCommands } from './lab-commands.ts'
import { addPracticeCommands } from './practice-commands.ts'

/** All commands and their flags, as commander reads them. */
export function buildProgram(io: Io, begin: Begin): Command {
  const program = new Command('flasklab')
    .description(
      'Walks you through the EC2 and RDS lab, on AWS or on a practice cloud that runs on this machine.',
    )
    .version(version())
    .configureOutput(outputTo(io))
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('("flasklab --help" lists the commands)')
    .addHelpText(
      'after',
      '\nStart with "flasklab up" (AWS) or "flasklab up --practice" (no account needed).\nExit codes: 0 done, 1 not healthy or an expected failure, 2 wrong usage,\n70 a bug, 130 interrupted.',
    )

  const add = addingTo(begin)
  addLabCommands(program, add)
  addAccountCommands(program, add)
  addPracticeCommands(program, add)
  return program
}

/** Where and how wide commander writes its help and its errors. */
function outputTo({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>) {
  const width = (screen: Output) => (screen.isTTY ? (screen.columns ?? 80) : 80)
  return {
    writeOut: (text: string) => void stdout.write(text),
    writeErr: (text: string) => void stderr.write(text),
    getOutHelpWidth: () => width(stdout),
    getErrHelpWidth: () => width(stderr),
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
