import { type Command, flasklab } from './command.ts'
import { type Finding, LabError } from './finding.ts'
import type { Clock, Kit } from './ports/kit.ts'
import { within } from './wait.ts'

/** One question of the doctor, with an id that stays. */
export interface Check<Evidence = unknown> {
  readonly id: string
  readonly title: string
  /** Checks without which this one can't be answered: where one of them fails, it is blocked. */
  readonly needs: readonly string[]
  /** Checks whose failure explains a failure of this one, which can be answered all the same. */
  readonly explainedBy?: readonly string[]
  /** Looks, and changes nothing. A finding that it throws is a failure. */
  examine(evidence: Evidence): Promise<Outcome>
}

export type Outcome =
  /** `run`: commands that the remark leads to, which end it. */
  | { readonly status: 'pass'; readonly remark?: string; readonly run?: readonly Command[] }
  | { readonly status: 'warn'; readonly finding: Finding }
  | {
      readonly status: 'fail'
      readonly finding: Finding
      readonly mend?: Mend
      /** Checks that fail for this alone: they are blocked by it. */
      readonly explains?: readonly string[]
    }
  /** It does not apply to this lab. */
  | { readonly status: 'skipped'; readonly remark: string }

/** A repair that `doctor --fix` may make: safe, and nothing that the handout would not do. */
export interface Mend {
  /** Completes a question: "start the server i-…". */
  readonly title: string
  apply(kit: Kit): Promise<void>
}

/** Thrown where it turns out on the way that a question does not apply to this lab. */
export class DoesNotApply extends Error {}

export type Result = { readonly id: string; readonly title: string } & (
  | Outcome
  | { readonly status: 'blocked'; readonly blockedBy: readonly string[] }
)

export function pass(remark?: string, run: readonly Command[] = []): Outcome {
  if (remark === undefined) return { status: 'pass' }
  return run.length === 0 ? { status: 'pass', remark } : { status: 'pass', remark, run }
}

export function skip(remark: string): Outcome {
  return { status: 'skipped', remark }
}

export function warn(finding: Finding): Outcome {
  return { status: 'warn', finding }
}

export function fail(finding: Finding, mend?: Mend): Outcome {
  return mend === undefined ? { status: 'fail', finding } : { status: 'fail', finding, mend }
}

export interface TimeLimits {
  /** For one check, and for all of them together. */
  readonly eachMs: number
  readonly allMs: number
}

/** Asks every check as soon as what it needs is known; the results come in the order of the checks. */
export async function diagnose<Evidence>(
  checks: readonly Check<Evidence>[],
  evidence: Evidence,
  { eachMs, allMs }: TimeLimits,
  clock: Clock,
): Promise<readonly Result[]> {
  const deadline = clock.now() + allMs
  const pending = new Map<string, Promise<Result>>()
  for (const check of checks) {
    const needs = check.needs.flatMap((id) => pending.get(id) ?? [])
    const limit = { clock, limitMs: () => Math.min(eachMs, deadline - clock.now()) }
    pending.set(check.id, answer(check, evidence, needs, limit))
  }
  const results = await Promise.all(pending.values())
  return results.map((result, index) => explained(result, checks[index], results))
}

/** The failures that nothing else explains. */
export function rootCauses(results: readonly Result[]): readonly string[] {
  return results.filter((result) => result.status === 'fail').map((result) => result.id)
}

interface Limit {
  readonly clock: Clock
  /** How long it may take from now on. */
  readonly limitMs: () => number
}

async function answer<Evidence>(
  check: Check<Evidence>,
  evidence: Evidence,
  needs: readonly Promise<Result>[],
  { clock, limitMs }: Limit,
): Promise<Result> {
  const { id, title } = check
  const broken = (await Promise.all(needs)).filter(({ status }) => status === 'fail' || status === 'blocked')
  if (broken.length > 0) return { id, title, status: 'blocked', blockedBy: broken.map((each) => each.id) }
  return { id, title, ...(await outcomeOf(check, evidence, Math.max(limitMs(), 0), clock)) }
}

async function outcomeOf<Evidence>(
  check: Check<Evidence>,
  evidence: Evidence,
  limitMs: number,
  clock: Clock,
): Promise<Outcome> {
  try {
    return await within(limitMs, check.examine(evidence), () => fail(tooLate(check.title, limitMs)), clock)
  } catch (error) {
    if (error instanceof LabError) return fail(error.finding)
    if (error instanceof DoesNotApply) return skip(error.message)
    throw error
  }
}

function tooLate(title: string, limitMs: number): Finding {
  return {
    what: `"${title}" could not be answered within ${Math.round(limitMs / 1000)} s.`,
    why: 'Something on the way accepts a question and never answers it.',
    remedy: {
      say: 'Run the doctor again; if it stays, look at the checks before this one.',
      run: [flasklab('doctor')],
    },
  }
}

/** A failure that another failure brings about is blocked by it. */
function explained(result: Result, check: Check<never> | undefined, all: readonly Result[]): Result {
  if (result.status !== 'fail') return result
  const causes = all.filter(
    (other) =>
      other.status === 'fail' &&
      (check?.explainedBy?.includes(other.id) === true || other.explains?.includes(result.id) === true),
  )
  if (causes.length === 0) return result
  const { id, title } = result
  return { id, title, status: 'blocked', blockedBy: causes.map((cause) => cause.id) }
}
