import { Chalk, type ChalkInstance } from 'chalk'
import type { Environment } from '../lab/io.ts'
import { POSIX, type Shell } from '../lab/shell.ts'

export interface Theme {
  readonly ink: ChalkInstance
  readonly symbols: { readonly done: string; readonly failed: string; readonly dot: string }
  /** Columns to wrap prose at. */
  readonly width: number
  /** Whether a line can be drawn again and again in its place; on a terminal of no width that never ends. */
  readonly animated: boolean
  /** Where the reader types the commands that are shown. */
  readonly shell: Shell
}

export interface Screen {
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Decides colour, symbols and width once. chalk itself ignores NO_COLOR and takes an empty FORCE_COLOR for a yes. */
export function createTheme(screen: Screen, environment: Environment, shell = POSIX): Theme {
  const unicode = environment['TERM'] !== 'linux' && environment['TERM'] !== 'dumb'
  return {
    ink: new Chalk({ level: wantsColour(screen, environment) ? 1 : 0 }),
    symbols: unicode ? { done: '✔', failed: '✖', dot: '·' } : { done: '+', failed: 'x', dot: '-' },
    width: Math.min(Math.max(screen.columns || 80, 40), 100),
    animated:
      screen.isTTY === true &&
      (screen.columns ?? 0) > 0 &&
      environment['TERM'] !== 'dumb' &&
      !environment['CI'],
    shell,
  }
}

/** Said wherever the practice cloud could be mistaken for AWS. */
export function practiceBanner({ ink }: Theme): string {
  return ink.inverse(' PRACTICE CLOUD ') + ink.dim(' nothing here is on AWS, nothing bills')
}

function wantsColour(screen: Screen, environment: Environment): boolean {
  if (environment['NO_COLOR']) return false
  if (environment['FORCE_COLOR']) return !['0', 'false'].includes(environment['FORCE_COLOR'])
  return screen.isTTY === true && environment['TERM'] !== 'dumb'
}

/** Breaks prose at spaces; lines that are there already keep their own indentation, and no word is ever cut. */
export function wrap(text: string, width: number, indent: string): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const own = indent + (/^ */.exec(line)?.[0] ?? '')
      return fill(line.trim(), width - own.length).map((part) => `${own}${part}`.trimEnd())
    })
    .join('\n')
}

function fill(line: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else {
      current = current === '' ? word : `${current} ${word}`
    }
  }
  return [...lines, current]
}
