import type { Event } from '../lab/events.ts'
import type { Verdict } from '../lab/exercise.ts'
import type { OpenAccount } from '../world/open-account.ts'
import type { World } from '../world/open-world.ts'

/** How far a command has come: the words about its end depend on it. */
export interface Progress {
  /** The lab's resources that are known to exist. */
  existing: readonly Thing[]
  /** The lab that was opened last, or all labs of an account. */
  opened: Opened | undefined
  /** Whether that is still to be closed. */
  isOpen: boolean
  /** The verdict on the exercise that is set in the lab. */
  verdict: Verdict | undefined
}

type Opened = Pick<OpenAccount, 'target' | 'letGo' | 'close'> & Partial<Pick<World, 'kit' | 'takeBack'>>

export interface Thing {
  readonly what: string
  readonly id: string
}

export function newProgress(): Progress {
  return { existing: [], opened: undefined, isOpen: false, verdict: undefined }
}

/** The resources that are known to exist after an event. */
export function existingAfter(event: Event, existing: readonly Thing[]): readonly Thing[] {
  if (event.kind === 'gone') return existing.filter(({ id }) => id !== event.id)
  if (event.kind !== 'exists') return existing
  const isKnown = existing.some(({ what, id }) => what === event.what && id === event.id)
  return isKnown ? existing : [...existing, { what: event.what, id: event.id }]
}

export function begin(progress: Progress, opened: Opened): void {
  progress.opened = opened
  progress.isOpen = true
}

/** Closes what is open, once. */
export async function finish(progress: Progress): Promise<void> {
  if (!progress.isOpen) return
  progress.isOpen = false
  await progress.opened?.close()
}
