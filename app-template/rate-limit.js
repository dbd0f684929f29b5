// Not in the handout: nobody may try passwords, or fill the table with names, as fast as the network allows.
import { LruMap } from 'toad-cache'
import { comeBackLater } from './problems.js'

const MINUTE_MS = 60_000
// Each table keeps the entries used last, so that an attack can't fill the memory.
const ENTRIES_MAX = 10_000

// A login that succeeds counts nowhere. A registration or a failed login counts for its address: a class of sixty
// behind one address that all register and mistype twice within the same minute comes to 180.
export const attemptsFrom = limit(200, MINUTE_MS)

// A failed login counts for its name, from wherever it comes. The owner of the name has to wait as well: that is
// the price of stopping someone who guesses from many addresses.
export const failuresFor = limit(10, 5 * MINUTE_MS)

function limit(max, perMs) {
  const tallies = new LruMap(ENTRIES_MAX, perMs)
  return {
    refuseIfTooMany(key) {
      const tally = tallies.get(key)
      if (tally === undefined || tally.count < max) return
      const seconds = Math.ceil((tallies.expiresAt(key) - Date.now()) / 1000)
      throw comeBackLater(429, seconds, 'RATE_LIMIT', 'Too many attempts')
    },
    // Counted once it is over: guesses sent all at once pass together, but only as many as are hashed in five
    // seconds, as the others are refused by then.
    count(key) {
      const tally = tallies.get(key)
      if (tally) tally.count += 1
      else tallies.set(key, { count: 1 })
    },
  }
}
