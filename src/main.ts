import { runCommandLine } from './cli/run-command-line.ts'
import { systemIo } from './cli/system-io.ts'
import type { Io } from './lab/io.ts'

/** Runs one command line; the exit code. */
export function main(argv: readonly string[], io: Io = systemIo()): Promise<number> {
  return runCommandLine(argv, io)
}
