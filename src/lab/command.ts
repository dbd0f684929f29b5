import type { FlagsOf, Verb } from './command-words.ts'

/** A command for the reader to type, as a value: one place writes it as text for the reader's shell. */
export type Command =
  | Flasklab
  | Aws
  | Program
  | { readonly kind: 'set'; readonly settings: Readonly<Record<string, string | InHome>> }
  | { readonly kind: 'unset'; readonly names: readonly string[] }
  | { readonly kind: 'take-settings'; readonly from: Command }
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | { readonly kind: 'close'; readonly path: string }
  | { readonly kind: 'end-process'; readonly pid: number }
  | { readonly kind: 'show-clock' }
  | Typed
  | { readonly kind: 'chain'; readonly commands: readonly Command[] }

export interface Flasklab {
  readonly kind: 'flasklab'
  readonly verb: string
  /** By their names on the command line; undefined is as good as not there. */
  readonly flags: Readonly<Record<string, string | true | undefined>>
  /** As somebody has typed them behind the verb. */
  readonly words: readonly string[]
  /** The line that `ssh` runs in the server's shell. */
  readonly remote?: string
}

/** A command of AWS's own command line. */
export interface Aws {
  readonly kind: 'aws'
  readonly service: string
  readonly operation: string
  readonly options: AwsOptions
  /** A shell may have another one set; undefined where none counts. */
  readonly region: string | undefined
}

/** By their names on the command line. */
export type AwsOptions = Readonly<Record<string, AwsValue | undefined>>
export type AwsValue = true | AwsPart | readonly AwsPart[]
export type AwsPart = string | number | Output | Members
/** The members of a structure by AWS's names, written as `Name=…,Values=…`. */
export interface Members {
  readonly [name: string]: AwsPart | readonly AwsPart[]
}
/** Another command's output, filled in by the shell. */
export interface Output {
  readonly output: Command
}

/** Any other program on the laptop, word by word. */
export interface Program {
  readonly kind: 'program'
  readonly words: readonly string[]
}

/** A line for another prompt than the laptop's: the server's shell, or the mysql client's there. */
export interface Typed {
  readonly kind: 'typed'
  readonly at: 'server' | 'mysql'
  readonly line: string
  /** A remark on questions that the reader is asked meanwhile. */
  readonly note?: string
}

/** A file or folder in the reader's home. */
export interface InHome {
  readonly inHome: string
}

export function flasklab<Each extends Verb>(verb: Each, flags?: FlagsOf<Each>): Flasklab {
  return { kind: 'flasklab', verb, flags: { ...flags }, words: [] }
}

/** One line for the server's shell, by way of `flasklab ssh`. */
export function onServer(remote: string): Flasklab {
  return { ...flasklab('ssh'), remote }
}

export function aws(region: string, service: string, operation: string, options: AwsOptions = {}): Aws {
  return { kind: 'aws', service, operation, options, region }
}

/** Where AWS asks for no region, as for who one is. */
export function awsAnywhere(service: string, operation = '', options: AwsOptions = {}): Aws {
  return { kind: 'aws', service, operation, options, region: undefined }
}

export function program(...words: readonly string[]): Program {
  return { kind: 'program', words }
}

export function typedAt(at: Typed['at'], line: string, note?: string): Typed {
  return { kind: 'typed', at, line, ...(note === undefined ? {} : { note }) }
}

/** For the shell that it is typed in, until that ends. */
export function set(settings: Readonly<Record<string, string | InHome>>): Command {
  return { kind: 'set', settings }
}

export function unset(...names: readonly string[]): Command {
  return { kind: 'unset', names }
}

/** Has the shell take over what a command prints as `export` lines. */
export function takeSettings(from: Command): Command {
  return { kind: 'take-settings', from }
}

export function move(from: string, to: string): Command {
  return { kind: 'move', from, to }
}

/** Takes everybody else's rights away. */
export function closeFile(path: string): Command {
  return { kind: 'close', path }
}

export function endProcess(pid: number): Command {
  return { kind: 'end-process', pid }
}

/** Shows the time in UTC. */
export const showClock: Command = { kind: 'show-clock' }

/** Each only where the one before it has succeeded. */
export function chain(...commands: readonly Command[]): Command {
  return { kind: 'chain', commands }
}

/** The text that an `aws` command prints, in the middle of another command. */
export function outputOf(command: Command): Output {
  return { output: command }
}

export function isFlasklab(command: Command, ...verbs: readonly Verb[]): command is Flasklab {
  return command.kind === 'flasklab' && verbs.some((verb) => verb === command.verb)
}

export function isList(value: AwsValue): value is readonly AwsPart[] {
  return Array.isArray(value)
}

/** The members of AWS's structures begin with capitals. */
export function isOutput(part: Output | Members): part is Output {
  return 'output' in part
}

/** Whether it has a flag, given or typed. */
export function hasFlag({ flags, words }: Flasklab, name: string): boolean {
  return (
    flags[name] !== undefined || words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`))
  )
}
