import { type Command, type Flasklab, flasklab, isFlasklab, set } from '../lab/command.ts'
import { type Finding, hasCode, Interrupted, LabError, UsageError } from '../lab/finding.ts'
import { redactEchoes } from '../lab/redact.ts'
import { inThisLab, type LabInQuestion } from './in-this-lab.ts'
import type { Thing } from './progress.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70, interrupted: 130 } as const

/** All that is known when a command fails. */
export interface Situation extends LabInQuestion {
  readonly command: string
  /** All that was typed behind "flasklab". */
  readonly words: readonly string[]
  readonly home: string
  /** The lab's resources that are known to exist. */
  readonly existing: readonly Thing[]
  /** The commands that renew the lab's credentials. */
  readonly renewCredentials: readonly Command[]
}

export function exitCodeOf(error: unknown, situation: Situation): number {
  if (error instanceof Interrupted) return EXIT.interrupted
  if (error instanceof UsageError) return EXIT.usage
  return expected(error, situation) === undefined ? EXIT.bug : EXIT.failed
}

/** The finding that tells of an error, whatever a command throws. */
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
    why: 'This should not happen, and it is not your fault. Nothing that was made is lost.',
    remedy: {
      say: 'Run the command again; --verbose shows where it happened, for a report.',
      run: [flasklab('status')],
    },
  }
}

/** The adapters know of one cloud only; here it is known that there is another, which needs no credentials. */
export function withPractice(
  { remedy, ...finding }: Finding,
  { command, words }: Pick<Situation, 'command' | 'words'>,
): Finding {
  const say = `${remedy.say} Or use the practice cloud, which needs no account.`
  // These work without a lab; all others need one first. Without its flags one would be another command.
  const again = ['up', 'cost', 'list', 'cleanup'].includes(command) ? asTyped(words) : flasklab('up')
  const run = (remedy.run ?? []).map((each) => (isPlainUp(each) ? again : each))
  const practice: Flasklab = { ...again, flags: { practice: true } }
  return { ...finding, remedy: { say, run: [...run, practice] } }
}

function asTyped([verb = '', ...words]: readonly string[]): Flasklab {
  return { kind: 'flasklab', verb, flags: {}, words }
}

function isPlainUp(command: Command): boolean {
  return isFlasklab(command, 'up') && Object.keys(command.flags).length === 0
}

/** The practice cloud's own key expires only where a drill has it so. */
function newPracticeKey({ finding }: LabError, renew: readonly Command[]): Finding {
  const run = [...renew, flasklab('doctor')]
  return { ...finding, remedy: { say: 'Get fresh credentials, then go on.', run } }
}

const practiceIsGone: Finding = {
  what: 'The practice cloud has stopped answering.',
  why: 'It was ended or halted while this command was at work. Its contents lie on the disk, and nothing is lost.',
  remedy: {
    say: 'End what is left of it; going on starts it again.',
    run: [flasklab('practice stop'), flasklab('up')],
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
      run: [set({ FLASKLAB_HOME: { inHome: 'flasklab-home' } })],
    },
  }
}

function interrupted({ existing, command, isRecorded }: Situation): Finding {
  const things = existing.map(({ what, id }) => `${what} (${id})`)
  if (things.length === 0) {
    const isBegun = command === 'up' && isRecorded
    return {
      what: 'Interrupted.',
      remedy: isBegun
        ? { say: 'Go on when you like.', run: [flasklab('up')] }
        : { say: 'Run the command again when you like.' },
    }
  }
  const isCleanup = command === 'cleanup'
  return {
    what: 'Interrupted.',
    why: `There ${isCleanup ? 'may still be' : 'is'}: ${things.join(', ')}. On AWS this costs until it is deleted.`,
    remedy: isCleanup
      ? { say: 'Go on deleting, or keep what there is.', run: [flasklab('cleanup'), flasklab('up')] }
      : {
          say: 'Go on where it stopped, or delete what there is.',
          run: [flasklab('up'), flasklab('cleanup')],
        },
  }
}

/** Where it happened, without what AWS repeats of a request. */
export function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${traceOf(error.cause)}` : ''
  return `${redactEchoes(error.stack ?? error.message)}${cause}`
}
