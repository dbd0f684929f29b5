/** The reasons for which the practice cloud can't do its work, as facts: whoever uses it puts them into words. */
export type Trouble =
  | { readonly kind: 'posix-needed' }
  | { readonly kind: 'engine-missing'; readonly install: readonly Words[]; readonly why: string }
  | { readonly kind: 'port-used'; readonly port: number }
  | { readonly kind: 'not-started'; readonly why: string; readonly logFile: string }
  /** Its process runs, and nobody gets through to it. */
  | { readonly kind: 'out-of-reach'; readonly pid: number }
  /** It has stopped, or hangs, in the middle of the work. */
  | { readonly kind: 'no-answer'; readonly why: string }
  | {
      readonly kind: 'path-too-long'
      readonly root: string
      readonly bytes: number
      readonly most: number
    }
  | { readonly kind: 'no-folder'; readonly folder: string; readonly why: string }
  /** `isOurs`: others may open it; else somebody else has made it. */
  | { readonly kind: 'sockets-exposed'; readonly folder: string; readonly isOurs: boolean }
  | ({ readonly kind: 'damaged-file'; readonly why: string } & StoredFile)
  | { readonly kind: 'newer-file'; readonly file: string }

/** A command, word by word. */
export type Words = readonly string[]

export interface StoredFile {
  readonly file: string
  /** The contents of the file, as the end of "can't use the file with … ". */
  readonly holds: string
  /** The consequence of moving the file away. */
  readonly withoutIt: string
}

/** The one error by which the practice cloud tells of anything expected. */
export class PracticeTrouble extends Error {
  readonly trouble: Trouble

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(`${trouble.kind}: ${JSON.stringify(trouble)}`, options)
    this.name = 'PracticeTrouble'
    this.trouble = trouble
  }
}
