import type { LabRecord } from '../lab-record.ts'

/** The lab's record, which is on disk before `save` returns. */
export interface RecordKeeper {
  readonly value: LabRecord
  /** Whether it is on disk, from this command or an earlier one. */
  readonly isSaved: boolean
  /** A new record with these fields, saved. */
  save(change: Partial<LabRecord>): void
  /** Where the private key lies. */
  readonly keyFile: string
  readonly knownHostsFile: string
  /** The names of the other labs that have a record here. */
  others(): readonly string[]
  /** Where everything that lies here of the lab lies: its key, its passwords. */
  files(): readonly string[]
  /** Removes all of it but a note that the lab was cleaned up, and what is said of that; what was removed. */
  retire(receipt: CleanupNote): readonly string[]
  /** Keeps what is said of a cleanup that left something, or could not end; where. */
  keepReceipt(receipt: CleanupNote): string
}

/** A cleanup's note of itself. */
export interface CleanupNote {
  readonly at: string
  readonly deleted: readonly Named[]
  readonly left?: readonly Named[]
  /** Resources that it asked to delete but, ended by a failure, did not see gone: they are, unless the next cleanup finds them. */
  readonly asked?: readonly Named[]
  /** Kinds that it was not allowed to look at. */
  readonly unseen?: readonly string[]
}

export interface Named {
  readonly kind: string
  readonly id: string
}
