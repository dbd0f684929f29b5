import { shellQuote } from '../formats/shell-quote.ts'
import {
  type Aws,
  type AwsPart,
  type AwsValue,
  type Command,
  type Flasklab,
  isList,
  isOutput,
  type Members,
  type Program,
} from './command.ts'
import type { Finding, WrittenFinding } from './finding.ts'
import { type Dialect, dialectOf, type Part, POSIX, type Shell, type Word } from './shell.ts'

/** Commands as they are typed, line by line: the one place that writes them as text. */
export function commandLines(commands: readonly Command[], shell: Shell = POSIX): readonly string[] {
  return commands.flatMap((command) => linesOf(command, shell))
}

/** Writes commands as they are typed for one lab, in the reader's shell. */
export type Typing = (commands: readonly Command[]) => readonly string[]

export function writtenFinding({ remedy, ...finding }: Finding, shell: Shell = POSIX): WrittenFinding {
  const { say, run } = remedy
  return { ...finding, remedy: { say, ...(run === undefined ? {} : { run: commandLines(run, shell) }) } }
}

function linesOf(command: Command, shell: Shell): readonly string[] {
  const dialect = dialectOf(shell)
  switch (command.kind) {
    case 'set':
      return Object.entries(command.settings).map(([name, value]) => dialect.set(name, value))
    case 'unset':
      return dialect.unset(command.names)
    case 'close':
      return closing(command.path, shell)
    default:
      return [lineOf(command, shell)]
  }
}

function lineOf(command: Command, shell: Shell): string {
  const dialect = dialectOf(shell)
  switch (command.kind) {
    case 'flasklab':
      return flasklabLine(command, dialect)
    case 'aws':
      return dialect.line(awsWords(command, shell))
    case 'program':
      return dialect.line(programWords(command, shell))
    case 'take-settings':
      return dialect.takeSettings(lineOf(command.from, shell))
    case 'move':
      return dialect.move(command.from, command.to)
    case 'end-process':
      return dialect.endProcess(command.pid)
    case 'show-clock':
      return dialect.showClock
    case 'typed':
      return command.at === 'server'
        ? `${command.line}   # on the server${asked(command.note)}`
        : command.line
    case 'chain':
      return dialect.chain(command.commands.map((each) => lineOf(each, shell)))
    default:
      return linesOf(command, shell).join('; ')
  }
}

function asked(note: string | undefined): string {
  return note === undefined ? '' : `; ${note}`
}

function flasklabLine({ verb, flags, words, remote }: Flasklab, dialect: Dialect): string {
  const given = Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [`--${name}`] : [`--${name}`, value],
  )
  const line = dialect.line(['flasklab', ...verb.split(' ').filter(Boolean), ...given, ...words])
  if (remote === undefined) return line
  // A text that every shell leaves as it is needs no quotes.
  const isPlain = remote
    .split(' ')
    .every((word) => dialect.line([word]) === word && shellQuote(word) === word)
  return `${line} ${dialect.endOfFlags} ${isPlain ? remote : dialect.line([remote])}`
}

function awsWords({ service, operation, options, region }: Aws, shell: Shell): readonly Word[] {
  const given = Object.entries(options).flatMap(([name, value]): readonly Word[] =>
    value === undefined ? [] : [`--${name}`, ...valueWords(value, shell)],
  )
  const where = region === undefined ? [] : ['--region', region]
  return ['aws', service, ...operation.split(' ').filter(Boolean), ...given, ...where]
}

function valueWords(value: AwsValue, shell: Shell): readonly Word[] {
  if (value === true) return []
  return (isList(value) ? value : [value]).map((each) => asWord(partsOf(each, shell)))
}

function partsOf(value: AwsPart, shell: Shell): readonly Part[] {
  if (typeof value !== 'object') return [String(value)]
  return isOutput(value) ? [{ output: lineOf(value.output, shell) }] : shorthand(value, shell)
}

/** A structure in the short form of AWS's command line. */
function shorthand(members: Members, shell: Shell): readonly Part[] {
  const each = Object.entries(members).map(([name, value]) => [
    `${name}=`,
    ...(isList(value) ? listParts(value, shell) : partsOf(value, shell)),
  ])
  return withCommas(each)
}

function listParts(values: readonly AwsPart[], shell: Shell): readonly Part[] {
  const isStructure = (value: AwsPart) => typeof value === 'object' && !isOutput(value)
  const each = values.map((value) => {
    const parts = partsOf(value, shell)
    return isStructure(value) ? ['{', ...parts, '}'] : parts
  })
  return values.some(isStructure) ? ['[', ...withCommas(each), ']'] : withCommas(each)
}

function withCommas(each: readonly (readonly Part[])[]): readonly Part[] {
  return each.flatMap((parts, index) => (index === 0 ? parts : [',', ...parts]))
}

/** A word that needs nothing from the shell is plain text. */
function asWord(parts: readonly Part[]): Word {
  const texts = parts.filter((each) => typeof each === 'string')
  return texts.length === parts.length ? texts.join('') : parts
}

const ON_WINDOWS: Readonly<Record<string, string>> = { '/dev/null': 'NUL' }
/** Two names that Windows PowerShell keeps for commands of its own. */
const OVERSHADOWED: readonly string[] = ['curl', 'wget']

function programWords({ words }: Program, { dialect, isWindows }: Shell): readonly string[] {
  if (!isWindows) return words
  const [name = '', ...rest] = words
  const isOther = dialect === 'powershell' && OVERSHADOWED.includes(name)
  return [isOther ? `${name}.exe` : name, ...rest.map((word) => ON_WINDOWS[word] ?? word)]
}

/** Where rights are lists, what is inherited from the folder goes last: without the grant nobody would be left. */
function closing(path: string, shell: Shell): readonly string[] {
  const dialect = dialectOf(shell)
  if (!shell.isWindows) return [dialect.line(['chmod', '600', path])]
  // The POSIX shell that Git brings along would make folders of words with a slash.
  const start = `${shell.dialect === 'posix' ? 'MSYS_NO_PATHCONV=1 ' : ''}${dialect.line(['icacls', path])}`
  return [`${start} /reset`, `${start} /grant:r "${dialect.user}:(R)"`, `${start} /inheritance:r`]
}
