import type { Kit } from './ports/kit.ts'

export interface Patience {
  /** What is waited for, as the student reads it: "the database flaskdb-instance". */
  readonly title: string
  readonly everyMs: number
  readonly forMs: number
}

/** Asks until there is an answer; undefined when patience ends. What the probe throws ends it at once. */
export async function waitFor<Answer>(
  patience: Patience,
  probe: () => Promise<Answer | undefined>,
  { clock, tell }: Pick<Kit, 'clock' | 'tell'>,
): Promise<Answer | undefined> {
  const since = clock.now()
  let isTold = false
  try {
    for (;;) {
      const answer = await probe()
      if (answer !== undefined) return answer
      if (clock.now() - since >= patience.forMs) return undefined
      if (!isTold) tell({ kind: 'waiting', id: patience.title, title: patience.title, since })
      isTold = true
      await clock.sleep(nextPause(patience.everyMs, clock.now() - since))
    }
  } finally {
    if (isTold) tell({ kind: 'waited', id: patience.title })
  }
}

// Quick at first, for what is ready soon; then the full interval with jitter, since a class of sixty polls at once.
function nextPause(everyMs: number, elapsedMs: number): number {
  const pause = Math.min(everyMs, Math.max(250, elapsedMs / 4))
  return pause * (0.9 + Math.random() * 0.2)
}
