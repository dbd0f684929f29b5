/**
 * One in so many of a long list. Which one is the turn's: as many turns that follow each other try all.
 * `.ci/run` counts its turns by the commits.
 */
export function sampleOf<Item>(all: readonly Item[], every: number): Item[] {
  const turn = Number(process.env['FLASKLAB_TURN'] ?? Math.floor(every / 2))
  return all.filter((_, index) => index % every === turn % every)
}
