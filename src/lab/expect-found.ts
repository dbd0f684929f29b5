/** For a thing that an earlier check has found: its absence is a bug. */
export async function expectFound<Thing>(seen: Promise<Thing | undefined>): Promise<Thing> {
  const thing = await seen
  if (thing === undefined)
    throw new Error('It was there a moment ago: the check that this one needs has passed.')
  return thing
}
