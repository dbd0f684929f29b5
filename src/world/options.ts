import type { Handmade } from '../aws/cloud.ts'
import type { Io } from '../lab/io.ts'
import type { Ask, Kit } from '../lab/ports/kit.ts'
import type { LabIndex } from '../store/lab-index.ts'
import type { TargetName } from './target.ts'
import type { Examine } from './workshop.ts'

/** Where all labs of one home lie, and which there are. */
export interface Shelf {
  readonly home: string
  readonly labs: LabIndex
}

/** Which lab is meant, where it is looked for, and what for. */
export interface WorldOptions extends Shelf {
  readonly io: Io
  readonly lab: string | undefined
  /** The cloud for a new lab; a lab that exists remembers its own. */
  readonly target: TargetName | undefined
  readonly region: string | undefined
  readonly profile: string | undefined
  readonly ask: Ask
  readonly tell: Kit['tell']
  /** `make`: the lab may be new. `find`: it must exist. `lost`: it may be found by its tags alone. */
  readonly lookup: 'make' | 'find' | 'lost'
  /** The command, if it changes the lab: then no other one may at the same time. */
  readonly changing?: string | undefined
  /** A lab that was made by hand is looked at: it has no record, and gets none. */
  readonly handmade?: (Handmade & { readonly keyFile?: string | undefined }) | undefined
  /** Which of several labs of one name whose records are lost. */
  readonly id?: string | undefined
  readonly examine: Examine
}

export type Whereabouts = Pick<WorldOptions, 'io' | 'home' | 'labs' | 'lab' | 'target' | 'region' | 'profile'>
