import type { CloudState } from './state.ts'

/** The student's laptop as the cloud sees it: the laptop itself is whatever machine this runs on. */
export interface Laptop {
  /** "My IP" in every rule. */
  readonly address: string
  /** By how much its clock is ahead of the cloud's. */
  readonly clockOffsetMs: number
  readonly credentials: 'valid' | 'expired'
}

export function laptopOf({ laptopAddress, laptopClockMs = 0, keyExpired = false }: CloudState): Laptop {
  return {
    address: laptopAddress,
    clockOffsetMs: laptopClockMs,
    credentials: keyExpired ? 'expired' : 'valid',
  }
}

export function changeLaptop(
  state: CloudState,
  { address, clockOffsetMs, credentials }: Partial<Laptop>,
): void {
  if (address !== undefined) state.laptopAddress = address
  if (clockOffsetMs !== undefined) state.laptopClockMs = clockOffsetMs
  if (credentials !== undefined) state.keyExpired = credentials === 'expired'
}

/** What time the cloud has. The machine's clock stands for the laptop's, so that it is the cloud's that is off. */
export function cloudTime({ laptopClockMs = 0 }: CloudState): number {
  return Date.now() - laptopClockMs
}
