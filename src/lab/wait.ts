import type { Clock, Kit } from './ports/kit.ts'

export interface Patience {
  /** Names the awaited thing for the student: "the database flaskdb-instance". */
  readonly title: string
  readonly everyMs: number
  readonly forMs: number
}

/** Asks until there is an answer; undefined when patience ends. An error of the probe ends it at once. */
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

/** Looks again, in silence, while there is nothing to be seen; undefined when the time is over. */
export async function untilSeen<Answer>(
  look: () => Promise<Answer | undefined>,
  forMs: number,
  clock: Clock,
): Promise<Answer | undefined> {
  for await (const _pause of pauses(forMs, clock)) {
    const answer = await look()
    if (answer !== undefined) return answer
  }
  return look()
}

/** Tries again, in silence, while a failure is one that passes; others, and the one that outlasts the time, are thrown. */
export async function untilAllowed<Answer>(
  attempt: () => Promise<Answer>,
  passes: (failure: unknown) => boolean,
  forMs: number,
  clock: Clock,
): Promise<Answer> {
  for await (const _pause of pauses(forMs, clock)) {
    try {
      return await attempt()
    } catch (failure) {
      if (!passes(failure)) throw failure
    }
  }
  return attempt()
}

/** Longer and longer ones after each turn, until the time is over. */
async function* pauses(forMs: number, clock: Clock): AsyncGenerator<void> {
  const deadline = clock.now() + forMs
  for (let length = 500; clock.now() < deadline; length = Math.min(length * 2, 8_000)) {
    yield
    await clock.sleep(length)
  }
}

/** The answer of the work, or `late`'s where the work takes longer than `ms`. Nobody hears its outcome then. */
export async function within<Answer>(
  ms: number,
  work: Promise<Answer>,
  late: () => Answer,
  clock: Clock,
): Promise<Answer> {
  const over = new AbortController()
  try {
    return await Promise.race([work, clock.sleep(ms, over.signal).then(late)])
  } finally {
    over.abort()
  }
}
