import { type AwsOptions, type AwsPart, type Command, isList, isOutput } from './command.ts'
import type { Finding } from './finding.ts'
import type { LabRecord } from './lab-record.ts'

export const REDACTED = '********'

type Hide = (text: string) => string

/** Takes the lab's own passwords out of a text: a journal that is quoted may hold one. */
export function redactRecorded({ passwords }: Pick<LabRecord, 'passwords'>): Hide {
  const all = Object.values(passwords ?? {})
  return (text) => all.reduce((rest, password) => rest.replaceAll(password, REDACTED), text)
}

/** STS and RDS repeat the request that they could not verify, session token and all; EC2 adds a page of cipher. */
export function redactEchoes(message: string): string {
  return message
    .replace(/\s*The Canonical String for this request[\s\S]*?(?=\n\s+at |$)/, '')
    .replace(/\s*Encoded authorization failure message: \S+/, '')
}

export function redactFinding({ what, why, remedy }: Finding, hide: Hide): Finding {
  const run = remedy.run?.map((each) => redactCommand(each, hide))
  return {
    what: hide(what),
    ...(why === undefined ? {} : { why: hide(why) }),
    remedy: { say: hide(remedy.say), ...(run === undefined ? {} : { run }) },
  }
}

/** The command's own words stay: only the values in it can hold a password. */
function redactCommand(command: Command, hide: Hide): Command {
  switch (command.kind) {
    case 'flasklab': {
      const { flags, words, remote } = command
      const hidden = { ...command, flags: inEach(flags, hide), words: words.map(hide) }
      return remote === undefined ? hidden : { ...hidden, remote: hide(remote) }
    }
    case 'aws':
      return { ...command, options: inOptions(command.options, hide) }
    case 'program':
      return { ...command, words: command.words.map(hide) }
    case 'set':
      return { ...command, settings: inEach(command.settings, hide) }
    case 'take-settings':
      return { ...command, from: redactCommand(command.from, hide) }
    case 'move':
      return { ...command, from: hide(command.from), to: hide(command.to) }
    case 'close':
      return { ...command, path: hide(command.path) }
    case 'typed':
      return { ...command, line: hide(command.line) }
    case 'chain':
      return { ...command, commands: command.commands.map((each) => redactCommand(each, hide)) }
    default:
      return command
  }
}

function inEach<Value>(record: Readonly<Record<string, Value>>, hide: Hide): Record<string, Value | string> {
  const entries = Object.entries(record).map(([name, value]): [string, Value | string] => [
    name,
    typeof value === 'string' ? hide(value) : value,
  ])
  return Object.fromEntries(entries)
}

function inOptions(options: AwsOptions, hide: Hide): AwsOptions {
  const hidden = Object.entries(options).map(([name, value]) => {
    if (value === undefined || value === true) return [name, value]
    return [name, isList(value) ? value.map((each) => inPart(each, hide)) : inPart(value, hide)]
  })
  return Object.fromEntries(hidden)
}

function inPart(part: AwsPart, hide: Hide): AwsPart {
  if (typeof part === 'string') return hide(part)
  if (typeof part !== 'object') return part
  if (isOutput(part)) return { output: redactCommand(part.output, hide) }
  const hidden = Object.entries(part).map(([name, value]) => [
    name,
    isList(value) ? value.map((each) => inPart(each, hide)) : inPart(value, hide),
  ])
  return Object.fromEntries(hidden)
}
