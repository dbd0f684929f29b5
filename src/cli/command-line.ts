import type { Command } from 'commander'
import { region } from './argument-parsers.ts'
import type { Flags, Result, Session } from './session.ts'

export type Begin = (flags: Flags, command: string) => Session
type Work = (session: Session, flags: Record<string, unknown>, words: string[]) => Promise<Result>
/** Adds a command with the flags that all have. */
export type Add = (parent: Command, spec: string, description: string, work: Work) => Command

export function addingTo(begin: Begin): Add {
  return (parent, spec, description, work) => {
    const command = parent.command(spec).description(description)
    command.action(async (...given: unknown[]) => {
      const words = given.slice(0, -2).flat() as string[]
      const flags = command.opts()
      const session = begin(flags, command.name())
      session.finish(await session.run(() => work(session, flags, words)))
    })
    return commonFlags(command)
  }
}

/** Adds the flags that every command has. */
export function commonFlags(command: Command): Command {
  return command
    .option('--lab <name>', 'which lab (default: the current one)')
    .option('--region <name>', 'the AWS region: of a new lab, or to look in', region)
    .option('--profile <name>', 'the AWS profile: of a new lab, or to look with')
    .option('--json', 'print the result as JSON')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-input', 'never ask: what would build a new lab or delete is wrong usage')
    .option('-q, --quiet', 'print the result and errors only')
    .option('-v, --verbose', 'print the cause of errors')
}

/** Any of its flags means a lab that was made by hand. */
export function handmadeLab(flags: Record<string, unknown>) {
  const { adopt, instance, db, key } = flags as Record<string, string | undefined>
  if ([adopt, instance, db, key].every((each) => each === undefined)) return undefined
  return { instance, database: db, keyFile: key }
}

/** A dry run changes nothing, and may look while another command is at work. */
export function changing(command: string, flags: Record<string, unknown>): string | undefined {
  return flags['dryRun'] === true ? undefined : command
}
