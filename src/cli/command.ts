import type { Paper } from '../terminal/paper.ts'
import type { Given } from './given.ts'
import type { Session } from './session.ts'

/** A command of the command line as a value: its words and flags, their meaning, its work and the view of its result. */
export interface CliCommand<Options, Report> {
  /** Its name and the words that it takes, as commander writes them. */
  readonly usage: string
  readonly about: string
  /** Beside those that every command has. */
  readonly flags?: readonly Flag[]
  /** Shown below its help. */
  readonly notes?: string
  /** The words behind its first one are for another program, flags too. */
  readonly passThrough?: true
  /** Reads what was typed as the command understands it. */
  options(given: Given, words: readonly string[]): Options
  run(options: Options, session: Session): Promise<Report>
  /** The text for stdout, but under `--json`. */
  view?(report: Report, paper: Paper): string | Promise<string>
  /** The value for stdout under `--json`. */
  json?(report: Report, paper: Paper): unknown
  exitCode?(report: Report): number
}

export interface Flag {
  /** As commander writes it: `--expires <time>`. */
  readonly flag: string
  readonly about: string
  /** Ends in a word on what may be typed where something else was. */
  readonly parse?: (text: string) => unknown
  readonly choices?: readonly string[]
  readonly fallback?: unknown
  /** Flags that it can't be given with. */
  readonly conflicts?: readonly string[]
}
