import { type Command, type Flasklab, hasFlag, isFlasklab } from '../lab/command.ts'
import { commandLines } from '../lab/command-text.ts'
import type { Finding } from '../lab/finding.ts'
import { LEAD_AWS } from '../world/lead-aws.ts'
import type { TargetName } from '../world/target.ts'

/** The flags that say which lab is meant. */
export interface LabFlags {
  readonly lab?: string | undefined
  readonly region?: string | undefined
  readonly profile?: string | undefined
  readonly practice?: boolean
}

/** All that decides how a command is typed for a lab. */
export interface LabInQuestion {
  /** The cloud, once the lab is open. */
  readonly target: TargetName | undefined
  readonly flags: LabFlags
  /** Whether the lab has a record: it remembers the flags that chose its cloud. */
  readonly isRecorded: boolean
}

/** The finding with its commands for this lab. */
export function inThisLab(finding: Finding, lab: LabInQuestion): Finding {
  const { run } = finding.remedy
  return run === undefined
    ? finding
    : { ...finding, remedy: { ...finding.remedy, run: forThisLab(run, lab) } }
}

/** Commands with the flags by which the student chose the lab, and for the cloud that it is on. */
export function forThisLab(commands: readonly Command[], lab: LabInQuestion): readonly Command[] {
  const repeated = commands.map((command) => withFlags(command, lab))
  const firstAws = lab.target === 'practice' ? repeated.findIndex(({ kind }) => kind === 'aws') : -1
  const led = firstAws === -1 ? repeated : repeated.toSpliced(firstAws, 0, LEAD_AWS)
  // With the flags of this lab, what were two ways may be one.
  return [...new Map(led.map((each) => [commandLines([each]).join('\n'), each])).values()]
}

const OF_A_LAB = ['up', 'status', 'doctor', 'ssh', 'logs', 'cost', 'cleanup', 'test-login'] as const
/** They choose the cloud of a lab that has no record (yet). */
const WITHOUT_RECORD = ['up', 'cost', 'cleanup'] as const

function withFlags(command: Command, lab: LabInQuestion): Command {
  if (command.kind === 'chain')
    return { ...command, commands: command.commands.map((each) => withFlags(each, lab)) }
  return isFlasklab(command, ...OF_A_LAB) ? { ...command, flags: flagsFor(command, lab) } : command
}

function flagsFor(command: Flasklab, { flags, isRecorded, target }: LabInQuestion): Flasklab['flags'] {
  // The record of this lab tells nothing of another one's cloud.
  const isOther = hasFlag(command, 'lab')
  const { lab, region, profile, practice }: LabFlags = isRecorded
    ? { lab: flags.lab, practice: isOther && target === 'practice' }
    : flags
  const isElsewhere = hasFlag(command, 'practice') && !practice
  const isWithoutRecord = isFlasklab(command, ...WITHOUT_RECORD) || hasFlag(command, 'adopt')
  const choosing = isWithoutRecord && !isElsewhere
  const wanted = {
    practice: choosing && practice ? (true as const) : undefined,
    lab,
    region: choosing ? region : undefined,
    profile: choosing ? profile : undefined,
  }
  const missing = Object.entries(wanted).filter(
    ([name, value]) => value !== undefined && !hasFlag(command, name),
  )
  return { ...Object.fromEntries(missing), ...command.flags }
}
