import type { Event } from '../lab/events.ts'
import { type Theme, wrap } from './theme.ts'

type Talk = Exclude<Event, { kind: 'waiting' | 'waited' | 'exists' | 'gone' | 'warning' | 'plan' }>

/** An event as lines for the screen; `teaching`: with the lesson of a phase. */
export function eventText(event: Talk, teaching: boolean, { ink, symbols, width }: Theme): string {
  const item = (symbol: string, text: string) => `  ${symbol} ${wrap(text, width, '    ').trimStart()}`
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
