import { CommanderError } from 'commander'
import { Interrupted } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import type { Begin } from './command-line.ts'
import { EXIT } from './failure.ts'
import { buildProgram } from './program.ts'
import { createSession, type Session } from './session.ts'

/** Runs one command line; the exit code. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number> {
  let session: Session | undefined
  const interruption = listenForSignals(io)
  // Whoever has stopped reading along, as "| head" does, must not end the work in the middle.
  const unheard = () => {}
  io.stderr.on('error', unheard)
  const begin: Begin = (flags, command) => {
    session = createSession({ io, flags, command, words: argv, interrupted: interruption.heard })
    return session
  }
  try {
    await buildProgram(io, begin).parseAsync([...argv], { from: 'user' })
    return (await session?.end()) ?? EXIT.done
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done
    const failed =
      session ?? begin({ json: argv.includes('--json'), verbose: argv.includes('--verbose') }, '')
    // commander has said on stderr what is wrong with the words.
    if (error instanceof CommanderError) return await failed.misused(error.message)
    return await failed.fail(error)
  } finally {
    interruption.end()
    io.stderr.off('error', unheard)
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
