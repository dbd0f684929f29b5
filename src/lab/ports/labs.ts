import type { Names } from '../names.ts'
import type { Inventory } from '../usage.ts'
import type { Resource } from './resources.ts'

/** The labs of an account in one region. */
export interface Labs {
  /** All of them, whoever's they are. */
  listLabs(): Promise<readonly LabSeen[]>
  /** The ids of labs of that name which are this owner's, for a lab whose record is lost. */
  findLabIds(name: string, owner: string): Promise<readonly string[]>
  /** Whether another lab, or a student by hand, has these names. */
  areTaken(names: Names): Promise<boolean>
  /** Tags all there is of the lab with the time by which it is to be gone. */
  tagDeadline(expires: string): Promise<void>
}

/** A lab as the cloud tells it: by the tags of what there is of it in one region. */
export interface LabSeen {
  readonly id: string
  readonly name: string
  readonly owner: string
  /** By when it is to be gone, in ms since 1970; undefined for none, and where one can't be read. */
  readonly expiresAt: number | undefined
  /** The text in the deadline's tag, where it is no time. */
  readonly unreadableDeadline: string | undefined
  readonly resources: readonly Resource[]
  readonly inventory: Inventory
}
