import type { CloudState } from './state.ts'

/** What time the cloud has. The machine's clock stands for the laptop's, so that it is the cloud's that is off. */
export function cloudTime({ laptopClockMs = 0 }: CloudState): number {
  return Date.now() - laptopClockMs
}
