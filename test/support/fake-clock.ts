/** A clock that only sleeping moves on: hours of waiting pass at once. */
export interface FakeClock {
  readonly slept: number[]
  now(): number
  sleep(ms: number): Promise<void>
}

export function fakeClock(start = Date.parse('2026-11-22T10:00:00Z')): FakeClock {
  const slept: number[] = []
  let now = start
  return {
    slept,
    now: () => now,
    sleep: async (ms) => {
      slept.push(ms)
      now += ms
    },
  }
}
