import type { Command } from '../command.ts'

export interface KeyMaker {
  /** The public half of the lab's key as one OpenSSH line; the private half is made and saved first if needed. */
  publicKey(): Promise<string>
  /** Describes the file in the place of the private half. */
  look(): KeyFile
  /** Takes the rights of others on the private half away. */
  protect(): void
  /** Writes the private half again, so that OpenSSH takes it. */
  rewrite(): void
}

export type KeyFile =
  | { readonly kind: 'missing' | 'folder' | 'empty' | 'closed' | 'locked' }
  | { readonly kind: 'unreadable'; readonly why: string }
  /** With its public half as one OpenSSH line, and the file's mode; `oddity`: why OpenSSH does not take the file. */
  | {
      readonly kind: 'key'
      readonly publicKey: string
      readonly mode: number
      readonly oddity?: string
    }

/** How the student's own machine is put right, as commands to type. */
export interface Laptop {
  readonly setClock: readonly Command[]
  readonly renewCredentials: readonly Command[]
  /** As on Windows, where a file's mode says nothing of who may read it. */
  readonly keepsRightsInLists: boolean
}
