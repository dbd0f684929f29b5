import type { EndingSignal, Io } from '../lab/io.ts'
import { systemClock } from './system-clock.ts'

const SIGNALS: readonly EndingSignal[] = ['SIGINT', 'SIGTERM']

/** This process as a command sees it. Nothing else here, on the screen or in the adapters looks at the process. */
export function systemIo(): Io {
  // A reader who has stopped reading along, as "| head" does, must not end the work in the middle.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return {
    env: process.env,
    platform: process.platform,
    cwd: () => process.cwd(),
    program: process.argv[1] ?? '',
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    onSignal(heard) {
      const listeners = SIGNALS.map((signal) => [signal, () => heard(signal)] as const)
      for (const [signal, listener] of listeners) process.once(signal, listener)
      return () => {
        for (const [signal, listener] of listeners) process.off(signal, listener)
      }
    },
    onExit(last) {
      process.once('exit', last)
      return () => process.off('exit', last)
    },
  }
}
