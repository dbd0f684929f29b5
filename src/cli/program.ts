import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import type { Io, Output } from '../lab/io.ts'
import { region } from './argument-parsers.ts'
import type { CliCommand, Flag } from './command.ts'
import { cleanup } from './commands/cleanup.ts'
import { cost } from './commands/cost.ts'
import { doctor } from './commands/doctor.ts'
import { iamPolicy } from './commands/iam-policy.ts'
import { list } from './commands/list.ts'
import { logs } from './commands/logs.ts'
import { practiceBreak } from './commands/practice-break.ts'
import { practiceEnv } from './commands/practice-env.ts'
import { practiceHint } from './commands/practice-hint.ts'
import { practiceLaptop } from './commands/practice-laptop.ts'
import { practiceSolve } from './commands/practice-solve.ts'
import { practiceStart } from './commands/practice-start.ts'
import { practiceStatus } from './commands/practice-status.ts'
import { practiceStop } from './commands/practice-stop.ts'
import { ssh } from './commands/ssh.ts'
import { status } from './commands/status.ts'
import { testLogin } from './commands/test-login.ts'
import { up } from './commands/up.ts'
import type { Given } from './given.ts'

/** Runs a command with what was typed. */
export type RunCommand = <Options, Report>(
  command: CliCommand<Options, Report>,
  typed: { readonly given: Given; readonly words: readonly string[] },
) => Promise<void>

/** All commands and their flags, as commander reads them. */
export function buildProgram(io: Pick<Io, 'stdout' | 'stderr'>, run: RunCommand): Command {
  const program = new Command('flasklab')
    .description(
      'Walks you through the EC2 and RDS lab, on AWS or on a practice cloud that runs on this machine.',
    )
    .version(version())
    .configureOutput(outputTo(io))
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('("flasklab --help" lists the commands)')
    .addHelpText(
      'after',
      '\nStart with "flasklab up" (AWS) or "flasklab up --practice" (no account needed).\nExit codes: 0 done, 1 not healthy or an expected failure, 2 wrong usage,\n70 a bug, 130 interrupted.',
    )
  const add = addingTo(program, run)
  add(up)
  add(testLogin)
  add(doctor)
  add(status)
  add(ssh)
  add(logs)
  add(list)
  add(cost)
  add(cleanup)
  add(iamPolicy)
  addPractice(program, run)
  return program
}

/** The practice cloud itself, and its drills. */
function addPractice(program: Command, run: RunCommand): void {
  const practice = program
    .command('practice')
    .description('the practice cloud: EC2 and RDS on this machine')
    .showHelpAfterError('("flasklab practice --help" lists its commands)')
    .exitOverride()
  const add = addingTo(practice, run)
  add(practiceStart)
  add(practiceStop)
  add(practiceStatus)
  add(practiceBreak)
  add(practiceHint)
  add(practiceSolve)
  add(practiceLaptop)
  add(practiceEnv)
}

function addingTo(parent: Command, run: RunCommand) {
  return <Options, Report>(value: CliCommand<Options, Report>): void => {
    const command = parent.command(value.usage).description(value.about)
    for (const flag of [...COMMON_FLAGS, ...(value.flags ?? [])]) command.addOption(toOption(flag))
    if (value.passThrough) command.passThroughOptions()
    if (value.notes !== undefined) command.addHelpText('after', value.notes)
    command.action(async (...given: unknown[]) => {
      // Behind the words come the flags and the command itself.
      const words = given
        .slice(0, -2)
        .flat()
        .filter((word) => typeof word === 'string')
      await run(value, { given: command.opts(), words })
    })
  }
}

const COMMON_FLAGS: readonly Flag[] = [
  { flag: '--lab <name>', about: 'which lab (default: the current one)' },
  { flag: '--region <name>', about: 'the AWS region: of a new lab, or to look in', parse: region },
  { flag: '--profile <name>', about: 'the AWS profile: of a new lab, or to look with' },
  { flag: '--json', about: 'print the result as JSON' },
  { flag: '-y, --yes', about: 'answer every question with yes' },
  { flag: '--no-input', about: 'never ask: what would build a new lab or delete is wrong usage' },
  { flag: '-q, --quiet', about: 'print the result and errors only' },
  { flag: '-v, --verbose', about: 'print the cause of errors' },
]

function toOption({ flag, about, parse, choices, fallback, conflicts }: Flag): Option {
  const option = new Option(flag, about)
  if (parse !== undefined) option.argParser((text) => parse(text))
  if (choices !== undefined) option.choices(choices)
  if (fallback !== undefined) option.default(fallback)
  if (conflicts !== undefined) option.conflicts([...conflicts])
  return option
}

/** Where and how wide commander writes its help and its errors. */
function outputTo({ stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>) {
  const width = (screen: Output) => (screen.isTTY ? (screen.columns ?? 80) : 80)
  return {
    writeOut: (text: string) => void stdout.write(text),
    writeErr: (text: string) => void stderr.write(text),
    getOutHelpWidth: () => width(stdout),
    getErrHelpWidth: () => width(stderr),
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
