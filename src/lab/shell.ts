import { shellQuote } from '../formats/shell-quote.ts'
import { cmdQuote, powershellQuote, powershellText } from '../formats/windows-quote.ts'
import type { InHome } from './command.ts'

/** The shell that a command is to be typed in. */
export interface Shell {
  readonly dialect: 'posix' | 'powershell' | 'cmd'
  /** Whether files have lists of rights, and programs the names that Windows gives them. */
  readonly isWindows: boolean
}

export const POSIX: Shell = { dialect: 'posix', isWindows: false }

/** Programs that read the result expect one dialect, whichever shell starts them. */
export function inJson({ isWindows }: Shell): Shell {
  return { dialect: 'posix', isWindows }
}

/** A part of a word: a text, or the output of another command's line. */
export type Part = string | { readonly output: string }
export type Word = string | readonly Part[]

/** How one shell writes what is done in a shell. */
export interface Dialect {
  line(words: readonly Word[]): string
  set(name: string, value: string | InHome): string
  unset(names: readonly string[]): readonly string[]
  takeSettings(from: string): string
  move(from: string, to: string): string
  endProcess(pid: number): string
  /** The user who is logged in, within double quotes. */
  readonly user: string
  readonly showClock: string
  chain(lines: readonly string[]): string
  /** The word that ends a command's own flags. */
  readonly endOfFlags: string
}

export function dialectOf({ dialect, isWindows }: Shell): Dialect {
  if (dialect === 'powershell') return powershell(isWindows)
  return dialect === 'cmd' ? cmd : posix
}

const posix: Dialect = {
  line: (words) =>
    words.map((word) => (typeof word === 'string' ? shellQuote(word) : filled(word))).join(' '),
  set: (name, value) =>
    `export ${name}=${typeof value === 'string' ? shellQuote(value) : `~/${shellQuote(value.inHome)}`}`,
  unset: (names) => [`unset ${names.join(' ')}`],
  takeSettings: (from) => `eval "$(${from})"`,
  move: (from, to) => posix.line(['mv', from, to]),
  endProcess: (pid) => `kill ${pid}`,
  user: '$USERNAME',
  showClock: 'date -u',
  chain: (lines) => lines.join(' && '),
  endOfFlags: '--',
}

function filled(parts: readonly Part[]): string {
  const inside = parts.map((part) =>
    typeof part === 'string' ? part.replace(/[\\"$`]/g, '\\$&') : `$(${part.output})`,
  )
  return `"${inside.join('')}"`
}

function powershell(isWindows: boolean): Dialect {
  const quote = (word: string) => powershellQuote(word, isWindows)
  const fill = (parts: readonly Part[]) => {
    const inside = parts.map((part) =>
      typeof part === 'string' ? part.replace(/[`"$\u201c-\u201e]/g, '`$&') : `$(${part.output})`,
    )
    return `"${inside.join('')}"`
  }
  const inHome = (path: string) => `"$HOME${isWindows ? '\\' : '/'}${path}"`
  return {
    line: (words) => words.map((word) => (typeof word === 'string' ? quote(word) : fill(word))).join(' '),
    set: (name, value) =>
      `$env:${name} = ${typeof value === 'string' ? powershellText(value) : inHome(value.inHome)}`,
    unset: (names) => [`Remove-Item ${names.map((name) => `Env:${name}`).join(', ')}`],
    takeSettings: (from) =>
      `${from} | ForEach-Object { $name, $value = ($_ -replace '^export ').Split('=', 2); Set-Item "Env:$name" $value }`,
    move: (from, to) => `Move-Item ${powershellText(from)} ${powershellText(to)}`,
    endProcess: (pid) => `Stop-Process -Id ${pid}`,
    user: '$($env:USERNAME)',
    showClock: '(Get-Date).ToUniversalTime()',
    // Its version 5.1 has no &&.
    chain: ([first = '', ...rest]) =>
      rest.length === 0 ? first : `${first}; if ($?) { ${powershell(isWindows).chain(rest)} }`,
    // The script that npm puts before a program takes a bare one for itself.
    endOfFlags: "'--'",
  }
}

const cmd: Dialect = {
  line(words) {
    const outputs = words.flatMap((word) =>
      typeof word === 'string' ? [] : word.flatMap((part) => (typeof part === 'string' ? [] : part.output)),
    )
    // It can't put one command into another, but it can repeat one for each line of another's output.
    const loops = outputs.map((output, index) => `for /f %${letter(index)} in ('${output}') do `)
    let seen = 0
    const text = (part: Part) => {
      if (typeof part === 'string') return part
      seen += 1
      return `%${letter(seen - 1)}`
    }
    const written = words.map((word) => cmdQuote(typeof word === 'string' ? word : word.map(text).join('')))
    return loops.join('') + written.join(' ')
  },
  set: (name, value) =>
    typeof value === 'string' ? `set "${name}=${value}"` : `set "${name}=%USERPROFILE%\\${value.inHome}"`,
  unset: (names) => names.map((name) => `set ${name}=`),
  takeSettings: (from) => `for /f "tokens=2,* delims== " %a in ('${from}') do set "%a=%b"`,
  move: (from, to) => cmd.line(['move', from, to]),
  endProcess: (pid) => `taskkill /PID ${pid} /F`,
  user: '%USERNAME%',
  showClock: 'powershell -Command "(Get-Date).ToUniversalTime()"',
  chain: (lines) => lines.join(' && '),
  endOfFlags: '--',
}

function letter(index: number): string {
  return String.fromCharCode('i'.charCodeAt(0) + index)
}
