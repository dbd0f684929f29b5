import { CommanderError } from 'commander'
import { Interrupted } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import { EXIT } from './failure.ts'
import { flagsOf } from './flags.ts'
import type { Given } from './given.ts'
import { endFailed, endMisused, endWith } from './outcome.ts'
import { buildProgram, type RunCommand } from './program.ts'
import { createSession, type Session } from './session.ts'

/** Runs one command line; the exit code. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  const interruption = listenForSignals(io)
  try {
    return await runProgram(argv, io, interruption.heard)
  } finally {
    interruption.end()
  }
}

async function runProgram(argv: readonly string[], io: Io, interrupted: Promise<never>): Promise<number> {
  let session: Session | undefined
  const begin = (command: string, given: Given) =>
    createSession({ io, command, words: argv, flags: flagsOf(given) })
  let code: number = EXIT.done
  const run: RunCommand = async (command, { given, words }) => {
    const [name = ''] = command.usage.split(' ')
    session = begin(name, given)
    const report = await Promise.race([command.run(command.options(given, words), session), interrupted])
    code = await endWith(report, command, session)
  }
  try {
    await buildProgram(io, run).parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
    const failed =
      session ?? begin('', { json: argv.includes('--json'), verbose: argv.includes('--verbose') })
    return error instanceof CommanderError ? endMisused(error.message, failed) : endFailed(error, failed)
  }
}

/** `heard` never settles but for Ctrl-C, or for whoever ends the process. */
function listenForSignals(io: Io): { readonly heard: Promise<never>; end(): void } {
  let end = () => {}
  const heard = new Promise<never>((_, reject) => {
    end = io.onSignal((signal) => reject(new Interrupted(signal)))
  })
  // It may come while nobody waits for it.
  heard.catch(() => {})
  return { heard, end: () => end() }
}
