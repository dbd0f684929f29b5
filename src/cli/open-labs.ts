import { deadlinePassed } from '../lab/deadline.ts'
import type { Ending } from '../lab/exercise.ts'
import type { LabSearch } from '../lab/lab-search.ts'
import type { Account, Kit } from '../lab/ports/kit.ts'
import { practiceBanner } from '../terminal/theme.ts'
import { openAccount } from '../world/open-account.ts'
import { openWorld, type World } from '../world/open-world.ts'
import type { WorldOptions } from '../world/options.ts'
import type { TargetName } from '../world/target.ts'
import { examine, judged } from './exercise.ts'
import { begin, finish } from './progress.ts'
import type { Session } from './session.ts'

type LabOptions = Pick<WorldOptions, 'lookup' | 'changing' | 'id' | 'handmade'> & {
  /** Which lab is meant where the student names none. */
  readonly lab?: string | undefined
  readonly target?: TargetName | undefined
  /** The same lab was open before in this command: what there is to be told of it has been told. */
  readonly again?: boolean
}

/** All that is known of a lab besides its kit. */
interface About {
  /** Whether anybody bills for what the lab makes. */
  readonly bills: boolean
  /** Where a lab was looked for that has no record. */
  readonly searched: LabSearch | undefined
}

/**
 * Opens the lab, does the work and closes it again; where the work fails, the lab stays open until that was told.
 * `ending`: how the command ended, for the exercise that is set in the lab.
 */
export async function withLab<Value>(
  { target, again = false, ...options }: LabOptions,
  session: Session,
  work: (kit: Kit, about: About) => Promise<Value>,
  ending?: (value: Value) => Ending | undefined,
): Promise<Value> {
  const { whereabouts, progress, ask, tell } = session
  const world = await openWorld({
    ...whereabouts,
    ...options,
    lab: whereabouts.lab ?? options.lab,
    target: target ?? whereabouts.target,
    ask,
    tell,
    examine,
  })
  begin(progress, world)
  if (!again) introduce(world, options, session)
  const about = { bills: world.target !== 'practice', searched: world.searched }
  const done = () => work(world.kit, about)
  const { value, verdict } =
    ending === undefined
      ? { value: await done(), verdict: undefined }
      : await judged(done, { ending, judge: world.judge, tell })
  progress.verdict = verdict
  await finish(progress)
  return value
}

/** Does the work with all labs of the account, not only the student's own. */
export async function withAccount<Value>(
  session: Session,
  work: (account: Account, about: Pick<About, 'bills'>) => Promise<Value>,
): Promise<Value> {
  const { whereabouts, progress, ask, tell } = session
  const opened = await openAccount({ ...whereabouts, ask, tell, examine })
  begin(progress, opened)
  tellOfCloud(opened.target, session)
  const value = await work(opened.account, { bills: opened.target !== 'practice' })
  await finish(progress)
  return value
}

/** A dry run changes nothing, and may look while another command is at work. */
export function changing(command: string, { dryRun }: { readonly dryRun: boolean }): string | undefined {
  return dryRun ? undefined : command
}

/** Tells what has to be known of a lab before anything is done with it. */
function introduce(world: World, { handmade }: Pick<LabOptions, 'handmade'>, session: Session): void {
  const { kit, target } = world
  tellOfCloud(target, session)
  warnOfDeadline(kit, session)
  if (handmade) session.tell({ kind: 'note', text: whereByHand(target, kit) })
}

function tellOfCloud(target: TargetName, { tell, theme }: Session): void {
  if (target === 'practice') tell({ kind: 'note', text: practiceBanner(theme) })
}

/** Says nothing to a user who is just about to delete the lab, or to put its end off. */
function warnOfDeadline({ record }: Pick<Kit, 'record'>, { command, flags, io, tell }: Session): void {
  const finding = deadlinePassed(record.value, io.clock.now())
  if (finding === undefined || command === 'cleanup' || flags.expires !== undefined) return
  tell({ kind: 'warning', finding })
}

/** No record says on which cloud a lab is that was made by hand. */
function whereByHand(target: TargetName, { cloud }: Pick<Kit, 'cloud'>): string {
  const where =
    target === 'practice'
      ? `the practice cloud (${cloud.region})`
      : `AWS (${cloud.region}; --practice looks at the practice cloud)`
  return `A lab made by hand, on ${where}. It is only read.`
}
