import type { Finding } from './finding.ts'

/** A message from the logic while it works; the terminal draws it. */
export type Event =
  | {
      readonly kind: 'phase'
      readonly number: number
      readonly of: number
      readonly title: string
      readonly lesson: string
    }
  /** A phase is complete: it was found so, or it has been made so. */
  | { readonly kind: 'found' | 'made'; readonly title: string; readonly detail: string }
  /** One thing within a phase is done. */
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'waiting'; readonly id: string; readonly title: string; readonly since: number }
  | { readonly kind: 'waited'; readonly id: string }
  /** A resource of this lab is known to exist. */
  | { readonly kind: 'exists'; readonly what: string; readonly id: string }
  /** It has been deleted. */
  | { readonly kind: 'gone'; readonly id: string }
  | { readonly kind: 'note'; readonly text: string }
  /** The next actions, told before the question whether to go on. */
  | { readonly kind: 'plan'; readonly text: string }
  | { readonly kind: 'warning'; readonly finding: Finding }
