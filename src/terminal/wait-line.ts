import type { Ora } from 'ora'
import type { Output } from '../lab/io.ts'
import type { Theme } from './theme.ts'

/** Something that is being waited for, since when. */
export interface Wait {
  readonly title: string
  readonly since: number
}

const STILL_EVERY_MS = 10_000

/** One line for all that is being waited for. */
interface WaitLine {
  show(waits: readonly Wait[]): void
  /** Writes something above the line. */
  above(write: () => void): void
  clear(): void
}

/** Drawn again and again in its place. */
export function animatedLine(stream: Output, { ink }: Theme, now: () => number): WaitLine {
  // With discardStdin, ora would swallow Ctrl-C. Left to judge for itself whether it may draw, and finding that it
  // may not, it would write a line for each start instead.
  const color = ink.level > 0 ? 'cyan' : false
  const options = {
    stream,
    color,
    isEnabled: true,
    discardStdin: false,
    hideCursor: false,
    prefixText: ' ',
  } as const
  let spinner: Ora | undefined
  let isLoading = false
  // Only once there is something to wait for: it takes as long as all else that a command needs to begin.
  const load = async () => {
    if (isLoading) return
    isLoading = true
    const { default: ora } = await import('ora')
    spinner = ora(options)
  }
  const clear = () => {
    if (spinner?.isSpinning) spinner.stop()
  }
  return {
    show(waits) {
      if (waits.length === 0) return clear()
      if (spinner === undefined) return void load()
      spinner.text = fit(waitText(waits, now()), (stream.columns || 80) - 6)
      if (!spinner.isSpinning) spinner.start()
    },
    above(write) {
      const wasSpinning = spinner?.isSpinning
      clear()
      write()
      if (wasSpinning) spinner?.start()
    },
    clear,
  }
}

/** Without a terminal: a line when a wait has taken a while, and again every ten seconds. */
export function plainLine(print: (text: string) => void, now: () => number): WaitLine {
  let due: number | undefined
  return {
    show(waits) {
      if (waits.length === 0) due = undefined
      else due ??= now() + STILL_EVERY_MS / 2
      if (due === undefined || now() < due) return
      due = now() + STILL_EVERY_MS
      print(`  ... waiting for ${waitText(waits, now())}`)
    },
    above: (write) => write(),
    clear: () => {},
  }
}

function waitText(waits: readonly Wait[], now: number): string {
  return waits.map((wait) => `${wait.title} (${elapsed(now - wait.since)})`).join(', ')
}

function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(width - 1, 1))}…`
}
