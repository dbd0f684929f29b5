import { cidrContains } from '../net/firewall.ts'
import { SERVERS } from './ec2/addresses.ts'
import type { CloudState } from './state.ts'

/** The student's laptop as the cloud sees it: the laptop itself is whatever machine this runs on. */
export interface Laptop {
  /** "My IP" in every rule. */
  readonly address: string
  /** By how much its clock is ahead of the cloud's. */
  readonly clockOffsetMs: number
  readonly credentials: 'valid' | 'expired'
}

/** From which no connection can come over the internet: private, of this machine, for several, or the servers' own. */
const ELSEWHERE = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12'],
  ...['192.168.0.0/16', '224.0.0.0/3', SERVERS],
]

export function canBeLaptop(address: string): boolean {
  return !ELSEWHERE.some((block) => cidrContains(block, address))
}

export function laptopOf({ laptopAddress, laptopClockMs = 0, keyExpired = false }: CloudState): Laptop {
  return {
    address: laptopAddress,
    clockOffsetMs: laptopClockMs,
    credentials: keyExpired ? 'expired' : 'valid',
  }
}

/** Changes what is named; the rest stays. */
export function changeLaptop(
  state: CloudState,
  { address, clockOffsetMs, credentials }: Partial<Laptop>,
): void {
  if (address !== undefined) state.laptopAddress = address
  if (clockOffsetMs !== undefined) state.laptopClockMs = clockOffsetMs
  if (credentials !== undefined) state.keyExpired = credentials === 'expired'
}
