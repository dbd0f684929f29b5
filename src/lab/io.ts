import type { Readable, Writable } from 'node:stream'
import type { Kit } from './ports/kit.ts'

/** A command's surroundings: it knows nothing else of the process, so that two commands may run in one process. */
export interface Io {
  readonly env: Environment
  readonly platform: NodeJS.Platform
  /** The folder that it was started in. */
  cwd(): string
  /** The path of the program, as it was typed. */
  readonly program: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly clock: Kit['clock']
  /** Hears of each signal once, until what is returned is called. */
  onSignal(heard: (signal: EndingSignal) => void): () => void
  /** Does something at the very end of the process, unless what is returned is called before. */
  onExit(last: () => void): () => void
}

export type Environment = Readonly<Record<string, string | undefined>>

export type EndingSignal = 'SIGINT' | 'SIGTERM'

/** A terminal's keyboard, a pipe or a file. */
type Input = Readable & {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

/** A terminal's screen, a pipe or a file. */
export type Output = Writable & {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}
