import type { Lab, Network } from './lab.ts'
import type { LabRecord } from './lab-record.ts'
import type { NumberedPhase } from './phase.ts'
import type { Ask, Kit } from './ports/kit.ts'
import type { Snapshot } from './snapshot.ts'

/** How far a walk came: `stoppedBefore` is the phase that the student did not want to begin. */
export interface Walked<Tools> {
  readonly lab: Partial<Lab>
  readonly stoppedBefore?: NumberedPhase<Tools>
}

/** The tools of the walk itself; its phases may need more. */
export interface WalkKit {
  readonly tell: Kit['tell']
  readonly ask: Pick<Ask, 'goOn'>
  readonly snapshot: Pick<Snapshot, 'forget'>
  readonly record: {
    readonly value: Pick<LabRecord, 'proof'>
    save(change: Pick<LabRecord, 'proof'>): void
  }
}

/** Walks the phases in order: finds each one's fact, else makes it. */
export async function walk<Tools extends WalkKit>(
  phases: readonly NumberedPhase<Tools>[],
  network: Network,
  kit: Tools,
): Promise<Walked<Tools>> {
  let lab: Partial<Lab> = { network }
  let isStarted = false
  const begun = new Set<string>()
  const made = new Set<keyof Lab>()
  for (const step of phases) {
    kit.tell({
      kind: 'phase',
      number: step.number,
      of: phases.length,
      title: step.title,
      lesson: step.lesson,
    })
    const found = await step.find(known(lab), kit)
    if (found === undefined) {
      if (!(await kit.ask.goOn(`Do phase ${step.number} now?`))) return { lab, stoppedBefore: step }
      // Not before this yes: what starts early makes something that bills.
      if (!isStarted) {
        for (const early of phases)
          if (await early.start?.({ network }, kit, early.number)) begun.add(early.id)
        kit.snapshot.forget()
      }
      isStarted = true
      // It was given for the lab as it was.
      if (kit.record.value.proof !== undefined) kit.record.save({ proof: undefined })
    }
    const fact = found ?? (await step.make(known(lab), kit))
    if (found === undefined) kit.snapshot.forget()
    lab = { ...lab, [step.fact]: fact }
    // A fact that rests on a new one is new, too, even where nothing is left to be done for it.
    const isOlder = found !== undefined && !begun.has(step.id) && !step.needs.some((need) => made.has(need))
    if (!isOlder) made.add(step.fact)
    kit.tell({ kind: isOlder ? 'found' : 'made', title: step.title, detail: step.describe(fact) })
  }
  return { lab }
}

export interface Surveyed {
  readonly lab: Partial<Lab>
  readonly done: ReadonlySet<string>
  /** Phases that could not be looked at: a fact that they need is missing, or the look failed. */
  readonly unknown: ReadonlySet<string>
  /** The first failure of a look, if there was one. */
  readonly failure: unknown
}

/** Looks which phases are done, changing nothing; each phase is looked at as soon as the facts that it needs are known. */
export async function survey<Tools>(
  phases: readonly NumberedPhase<Tools>[],
  network: Network,
  kit: Tools,
): Promise<Surveyed> {
  const looks = new Map<keyof Lab, Promise<Look>>([['network', Promise.resolve({ fact: network })]])
  for (const step of phases) looks.set(step.fact, lookAt(step, looks, kit))
  // None is left at work behind a failure, which is the first one of the list.
  const outcomes = await Promise.allSettled(
    phases.map(async (step) => ({ step, look: await looks.get(step.fact) })),
  )
  let lab: Partial<Lab> = { network }
  const done = new Set<string>()
  const unknown = new Set(phases.map(({ id }) => id))
  let failure: unknown
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') {
      failure ??= outcome.reason
      continue
    }
    const { step, look } = outcome.value
    if (look === undefined) continue
    unknown.delete(step.id)
    if (look.fact === undefined) continue
    lab = { ...lab, [step.fact]: look.fact }
    done.add(step.id)
  }
  return { lab, done, unknown, failure }
}

/** How a phase was found; undefined where it could not be looked at. */
type Look = { readonly fact: Lab[keyof Lab] | undefined } | undefined

async function lookAt<Tools>(
  step: NumberedPhase<Tools>,
  looks: ReadonlyMap<keyof Lab, Promise<Look>>,
  kit: Tools,
): Promise<Look> {
  const needed = await Promise.all(
    step.needs.map(async (need) => [need, (await looks.get(need))?.fact] as const),
  )
  if (needed.some(([, fact]) => fact === undefined)) return undefined
  return { fact: await step.find(known(Object.fromEntries(needed)), kit) }
}

/** The list's order guarantees a phase's needs: each names facts of earlier phases only. */
function known(lab: Partial<Lab>): Lab {
  return lab as Lab
}
