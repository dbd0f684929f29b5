import { Readable } from 'node:stream'
import { systemClock } from '../../src/cli/system-clock.ts'
import type { EndingSignal, Environment, Io } from '../../src/lab/io.ts'
import { screen } from './screen.ts'

export interface FakeIo extends Io {
  /** The standard output so far. */
  out(): string
  err(): string
  signal(name: EndingSignal): void
  /** How much of the process is still held: listeners for signals and for its end. */
  held(): number
}

/** A place to run a command in, within this process; with `columns`, at a terminal of that width. */
export function fakeIo(options: { readonly env?: Environment; readonly columns?: number } = {}): FakeIo {
  const stdout = screen(options.columns)
  const stderr = screen(options.columns)
  const heards = new Set<(signal: EndingSignal) => void>()
  const lasts = new Set<() => void>()
  return {
    env: options.env ?? {},
    platform: process.platform,
    cwd: () => process.cwd(),
    program: 'flasklab',
    stdin: Readable.from([]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    clock: systemClock,
    onSignal(heard) {
      heards.add(heard)
      return () => heards.delete(heard)
    },
    onExit(last) {
      lasts.add(last)
      return () => lasts.delete(last)
    },
    out: stdout.written,
    err: stderr.written,
    signal: (name) => {
      for (const heard of heards) heard(name)
    },
    held: () => heards.size + lasts.size,
  }
}
