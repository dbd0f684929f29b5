import { type Finding, hasCode, Interrupted, LabError, UsageError } from '../lab/finding.ts'
import { LEAD_AWS } from '../practice/lead-aws.ts'
import type { TargetName } from '../world/target.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70, interrupted: 130 } as const

/** What is known when a command fails. */
export interface Situation {
  readonly command: string
  /** The whole line, as it was typed. */
  readonly line: string
  readonly home: string
  /** The cloud, once the lab is open. */
  readonly target: TargetName | undefined
  /** What of the lab is known to exist. */
  readonly existing: readonly Thing[]
  readonly flags: LabFlags
  /** Whether the lab has a record: it remembers the flags that chose its cloud. */
  readonly isRecorded: boolean
  /** The commands that renew the lab's credentials. */
  readonly renewCredentials: readonly string[]
}

export interface Thing {
  readonly what: string
  readonly id: string
}

/** The flags that say which lab is meant. */
export interface LabFlags {
  readonly lab?: string | undefined
  readonly region?: string
  readonly profile?: string
  readonly practice?: boolean
}

export function exitCodeOf(error: unknown, situation: Situation): number {
  if (error instanceof Interrupted) return EXIT.interrupted
  if (error instanceof UsageError) return EXIT.usage
  return expected(error, situation) === undefined ? EXIT.bug : EXIT.failed
}

/** What is told of anything that a command throws. */
export function findingOf(error: unknown, situation: Situation): Finding {
  const finding = expected(error, situation) ?? bug(error)
  return inThisLab(finding, situation)
}

function expected(error: unknown, situation: Situation): Finding | undefined {
  if (error instanceof Interrupted) return interrupted(situation)
  if (situation.target === 'practice' && isNoConnection(error)) return practiceIsGone
  if (situation.target === 'practice' && hasCode(error, 'expired'))
    return newPracticeKey(error as LabError, situation.renewCredentials)
  if (hasCode(error, 'no-credentials')) return withPractice((error as LabError).finding, situation)
  if (error instanceof LabError) return error.finding
  return noStorage(error, situation.home)
}

function bug(error: unknown): Finding {
  return {
    what: `A bug in flasklab: ${error instanceof Error ? error.message : String(error)}`,
    why: 'This should not happen, and it is not your fault. What was made is not lost.',
    remedy: {
      say: 'Run the command again; --verbose shows where it happened, for a report.',
      run: ['flasklab status'],
    },
  }
}

/** The adapters know of one cloud only; here it is known that there is another, which needs no credentials. */
export function withPractice(
  { remedy, ...finding }: Finding,
  { command, line }: Pick<Situation, 'command' | 'line'>,
): Finding {
  const say = `${remedy.say} Or use the practice cloud, which needs no account.`
  // These work without a lab; all others need one first. Without its flags one would be another command.
  const again = ['up', 'cost', 'list', 'cleanup'].includes(command) ? line : 'flasklab up'
  const run = (remedy.run ?? []).map((each) => (each === 'flasklab up' ? again : each))
  const practice = again.replace(/^flasklab \S+/, '$& --practice')
  return { ...finding, remedy: { say, run: [...run, practice] } }
}

/** The practice cloud's own key expires only where a drill has it so. */
function newPracticeKey({ finding }: LabError, renew: readonly string[]): Finding {
  const run = [...renew, 'flasklab doctor']
  return { ...finding, remedy: { say: 'Get fresh credentials, then go on.', run } }
}

const practiceIsGone: Finding = {
  what: 'The practice cloud has stopped answering.',
  why: 'It was ended or halted while this command was at work. What is in it lies on the disk, and nothing is lost.',
  remedy: {
    say: 'End what is left of it; going on starts it again.',
    run: ['flasklab practice stop', 'flasklab up'],
  },
}

function isNoConnection(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException
  return hasCode(error, 'no-connection') || (syscall !== undefined && /^(ECONN|EPIPE)/.test(code ?? ''))
}

const NO_STORAGE: Readonly<Record<string, string>> = {
  ENOSPC: 'There is no room left on the disk.',
  EDQUOT: 'Your share of the disk is used up.',
  EROFS: 'It is on a disk that can only be read.',
  EACCES: 'You may not write there.',
  EPERM: 'You may not write there.',
  ENOTDIR: 'Something that is no folder has the name of one.',
  EISDIR: 'A folder has the name of a file.',
}

/** The folder that keeps the labs can't be used. */
function noStorage(error: unknown, home: string): Finding | undefined {
  const { code, path } = error as NodeJS.ErrnoException
  const why = NO_STORAGE[code ?? '']
  if (why === undefined || !path?.startsWith(home)) return undefined
  return {
    what: `flasklab can’t use ${path}.`,
    why: `${why} Keys, passwords and the record of each lab are kept in ${home}.`,
    remedy: {
      say: 'Mend that; or name another folder, then run the command again.',
      run: ['export FLASKLAB_HOME=~/flasklab-home'],
    },
  }
}

function interrupted({ existing, command }: Situation): Finding {
  const things = existing.map(({ what, id }) => `${what} (${id})`)
  if (things.length === 0)
    return { what: 'Interrupted.', remedy: { say: 'Run the command again when you like.' } }
  const isCleanup = command === 'cleanup'
  return {
    what: 'Interrupted.',
    why: `There ${isCleanup ? 'may still be' : 'is'}: ${things.join(', ')}. On AWS this costs until it is deleted.`,
    remedy: isCleanup
      ? { say: 'Go on deleting, or keep what there is.', run: ['flasklab cleanup', 'flasklab up'] }
      : { say: 'Go on where it stopped, or delete what there is.', run: ['flasklab up', 'flasklab cleanup'] },
  }
}

/** Where it happened. AWS repeats a request that it could not verify, session token and all, and adds a page of cipher to what it refuses: both are cut. */
export function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${traceOf(error.cause)}` : ''
  const trace = (error.stack ?? error.message)
    .replace(/\s*The Canonical String for this request[\s\S]*?(?=\n\s+at )/, '')
    .replace(/\s*Encoded authorization failure message: \S+/, '')
  return `${trace}${cause}`
}

/** The commands of a remedy, with the flags by which the student chose the lab, and for the cloud that it is on. */
export function inThisLab(
  finding: Finding,
  { flags, isRecorded, target }: Pick<Situation, 'flags' | 'isRecorded' | 'target'>,
): Finding {
  const { run } = finding.remedy
  if (run === undefined) return finding
  const practice = target === 'practice'
  const repeated = run.map((line) =>
    line
      .split(' && ')
      .map((command) => {
        // The record of this lab tells nothing of another one's cloud.
        const isOther = command.includes(' --lab ')
        const known = isRecorded ? { lab: flags.lab, practice: isOther && practice } : flags
        return repeatFlags(command, known)
      })
      .join(' && '),
  )
  const firstAws = practice ? repeated.findIndex((line) => line.startsWith('aws ')) : -1
  const led = firstAws === -1 ? repeated : repeated.toSpliced(firstAws, 0, LEAD_AWS)
  // With the flags of this lab, what were two ways may be one.
  return { ...finding, remedy: { ...finding.remedy, run: [...new Set(led)] } }
}

const OF_A_LAB = /^flasklab (up|status|doctor|ssh|logs|cost|cleanup|test-login)\b/
/** They choose the cloud of a lab that has no record (yet). */
const WITHOUT_RECORD = ['up', 'cost', 'cleanup']

function repeatFlags(command: string, { lab, region, profile, practice }: LabFlags): string {
  const [start = '', verb = ''] = OF_A_LAB.exec(command) ?? []
  if (start === '') return command
  const isElsewhere = command.includes('--practice') && !practice
  const isWithoutRecord = WITHOUT_RECORD.includes(verb) || command.includes(' --adopt')
  const choosing = isWithoutRecord && !isElsewhere
  const wanted: [string, string | undefined][] = [
    ['--lab', lab],
    ['--region', choosing ? region : undefined],
    ['--profile', choosing ? profile : undefined],
  ]
  const missing = wanted.flatMap(([flag, value]) =>
    value === undefined || new RegExp(` ${flag}[ =]`).test(command) ? [] : [`${flag} ${value}`],
  )
  if (choosing && practice && !command.includes('--practice')) missing.unshift('--practice')
  return [start, ...missing].join(' ') + command.slice(start.length)
}
