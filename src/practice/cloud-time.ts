import type { CloudState } from './state.ts'

/** In milliseconds since 1970. The machine's clock stands for the laptop's, so the cloud's is the one that is off. */
export function cloudTime({ laptopClockMs = 0 }: CloudState): number {
  return Date.now() - laptopClockMs
}
