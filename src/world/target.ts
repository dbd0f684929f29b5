import type { ApiConfig } from '../aws/clients.ts'
import type { Io } from '../lab/io.ts'
import type { Reach } from '../lab/ports/host.ts'
import type { Ask, Kit } from '../lab/ports/kit.ts'
import type { Laptop } from '../lab/ports/laptop.ts'

export const TARGETS = ['aws', 'practice'] as const
export type TargetName = (typeof TARGETS)[number]

/** All that a target adds to the code. */
export interface Target {
  readonly api: ApiConfig
  readonly reach: Reach
  readonly myAddress: () => Promise<string>
  readonly databaseCa: string
  readonly laptop: Laptop
  /** Lets go of what was started for this lab only. */
  leave(): Promise<void>
}

/** Where and as whom, as far as the student has said. */
export interface Wish {
  readonly io: Io
  readonly home: string
  readonly region: string | undefined
  readonly profile: string | undefined
  readonly ask: Ask
  readonly tell: Kit['tell']
}
