import type { Event } from '../lab/events.ts'
import type { Output } from '../lab/io.ts'
import { eventText } from './event-text.ts'
import { renderFinding } from './render-finding.ts'
import type { Theme } from './theme.ts'
import { animatedLine, plainLine, type Wait } from './wait-line.ts'

export interface Reporter {
  tell(event: Event): void
  /** Lets a prompt have the screen to itself. */
  pause(): void
  end(): void
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

/** Draws what the logic tells: a line for each thing done, and one line for all that is being waited for. */
export function createReporter({ stream, theme, now, quiet, teaching }: ReporterOptions): Reporter {
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
          return quiet ? undefined : print(eventText(event, teaching, theme))
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
}
