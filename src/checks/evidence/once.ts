/** For failures that somebody else is told of. */
export const NOTHING = () => undefined

/** Looks once, and remembers what was seen; a failure as well. */
export function once<Value>(look: () => Promise<Value>): () => Promise<Value> {
  let seen: Promise<Value> | undefined
  return () => {
    seen ??= look()
    // A check that asks later gets the failure; until then it must not count as unhandled.
    seen.catch(NOTHING)
    return seen
  }
}
