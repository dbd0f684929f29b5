import type { Ora } from 'ora'
import type { Event } from '../lab/events.ts'
import type { Output } from '../lab/io.ts'
import { renderFinding } from './render-finding.ts'
import { type Theme, wrap } from './theme.ts'

export interface Reporter {
  tell(event: Event): void
  /** Lets a prompt have the screen to itself. */
  pause(): void
  end(): void
}

interface Wait {
  readonly title: string
  readonly since: number
}

export interface ReporterOptions {
  readonly stream: Output
  readonly theme: Theme
  /** The clock by which waits are told of. */
  readonly now: () => number
  readonly quiet: boolean
  /** Whether lessons are told: to whoever sits in front of it. */
  readonly teaching: boolean
}

const STILL_EVERY_MS = 10_000

/** Draws what the logic tells: a line for each thing done, and one line for all that is being waited for. */
export function createReporter({ stream, theme, now, quiet, teaching }: ReporterOptions): Reporter {
  const { ink, symbols, width } = theme
  const waits = new Map<string, Wait>()
  const line = theme.animated ? animatedLine(stream, theme, now) : plainLine(print, now)
  const timer = setInterval(() => line.show([...waits.values()]), 200)
  timer.unref()

  return {
    tell(event) {
      switch (event.kind) {
        case 'waiting':
          if (quiet) return
          waits.set(event.id, event)
          return line.show([...waits.values()])
        case 'waited':
          waits.delete(event.id)
          return line.show([...waits.values()])
        case 'exists':
        case 'gone':
          return
        case 'warning':
          return print(renderFinding(event.finding, theme))
        // Whoever is to be asked has to see what about.
        case 'plan':
          return quiet && !teaching ? undefined : print(event.text)
        default:
          return quiet ? undefined : print(textOf(event))
      }
    },
    pause() {
      line.clear()
    },
    end() {
      clearInterval(timer)
      line.clear()
    },
  }

  function print(text: string): void {
    line.above(() => stream.write(`${text}\n`))
  }

  function item(symbol: string, text: string): string {
    return `  ${symbol} ${wrap(text, width, '    ').trimStart()}`
  }

  function textOf(
    event: Exclude<Event, { kind: 'waiting' | 'waited' | 'exists' | 'gone' | 'warning' | 'plan' }>,
  ): string {
    switch (event.kind) {
      case 'phase': {
        const heading = `\n${ink.bold(`Phase ${event.number} of ${event.of}: ${event.title}`)}`
        return teaching ? `${heading}\n${ink.dim(wrap(event.lesson, width, '  '))}` : heading
      }
      case 'found':
        return item(ink.green(symbols.done), `found: ${event.detail}`)
      case 'made':
        return item(ink.green(symbols.done), event.detail)
      case 'step':
        return ink.dim(item(symbols.dot, event.text))
      case 'note':
        return wrap(event.text, width, '')
    }
  }
}

interface WaitLine {
  show(waits: readonly Wait[]): void
  /** Writes something above the line. */
  above(write: () => void): void
  clear(): void
}

function animatedLine(stream: Output, { ink }: Theme, now: () => number): WaitLine {
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
function plainLine(print: (text: string) => void, now: () => number): WaitLine {
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
