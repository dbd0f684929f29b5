import { randomBytes } from 'node:crypto'
import type { Engines, Machines } from './data-plane.ts'
import type { LaunchEnd } from './faults.ts'
import type { CloudState, RegionState } from './state.ts'
import type { Pace } from './timing.ts'

/** The state of the practice cloud and the means to change it: all but its running servers and databases. */
export interface CloudGround {
  readonly state: CloudState
  readonly pace: Pace
  /** The resources of the region; the first call makes its default network. */
  region(name: string): RegionState
  /** Writes the state to disk, and tells whether that worked. Call it after every change, before answering. */
  save(): boolean
  /** Runs a state transition after a delay; a failure in it is logged, never thrown. */
  schedule(delayMs: number, transition: () => void | Promise<void>): void
  log(line: string): void
}

/** The running practice cloud as its resource files see it. */
export interface Cloud extends CloudGround {
  readonly machines: Machines
  readonly engines: Engines
  /** Why the launch that is asked for now is to end while it starts, where that is planned. */
  launchEnd?(): LaunchEnd | undefined
}

/** An id as AWS writes them: `i-0123456789abcdef0`. */
export function newId(prefix: string): string {
  return `${prefix}-0${randomBytes(8).toString('hex')}`
}
