import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { addAccountCommands } from './cli/account-commands.ts'
import { addingTo, type Begin } from './cli/command-line.ts'
import { EXIT } from './cli/failure.ts'
import { addLabCommands } from './cli/lab-commands.ts'
import { addPracticeCommands } from './cli/practice-commands.ts'
import { createSession, type Session } from './cli/session.ts'

/** Runs one command line; the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let session: Session | undefined
  // Whoever has stopped reading along, as "| head" does, must not end the work in the middle.
  process.stderr.on('error', () => {})
  const begin: Begin = (flags, command) => {
    session = createSession(flags, command, argv)
    return session
  }
  try {
    await buildProgram(begin).parseAsync([...argv], { from: 'user' })
    return (await session?.end()) ?? EXIT.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
    const failed =
      session ??
      createSession({ json: argv.includes('--json'), verbose: argv.includes('--verbose') }, '', argv)
    // commander has said on stderr what is wrong with the words.
    if (error instanceof CommanderError) return failed.misused(error.message)
    return failed.fail(error)
  }
}

function buildProgram(begin: Begin): Command {
  const program = new Command('flasklab')
    .description(
      'Walks you through the EC2 and RDS lab, on AWS or on a practice cloud that runs on this machine.',
    )
    .version(version())
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

function version(): string {
  const file = new URL('../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
