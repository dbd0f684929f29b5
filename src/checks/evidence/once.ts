/** For failures that somebody else is told of. */
export const NOTHING = () => undefined

/** Looks once, and remembers what was seen; a failure as well. */
export function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let seen: Promise<Value> | undefined
  return () => {
    seen ??= look()
    // Whoever asks later is told; until somebody does, it is no unhandled failure.
    seen.catch(NOTHING)
    return seen
  }
}
