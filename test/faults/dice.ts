/** Chance that can be had again: the same seed, the same throws. */
export interface Dice {
  /** From 1 to `most`. */
  number(most: number): number
  chance(share: number): boolean
  /** Up to so many of these, in any order. */
  some<Item>(items: readonly Item[], most: number): Item[]
}

export function createDice(seed: number): Dice {
  let state = seed
  // "mulberry32", by Tommy Ettinger: public domain.
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    number: (most) => 1 + Math.floor(next() * most),
    chance: (share) => next() < share,
    some(items, most) {
      const left = [...items]
      const count = Math.floor(next() * (most + 1))
      return Array.from({ length: count }, () => left.splice(Math.floor(next() * left.length), 1)).flat()
    },
  }
}
