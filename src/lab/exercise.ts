/** How hard the fault of an exercise is to find. */
export const LEVELS = ['easy', 'medium', 'hard'] as const
export type Level = (typeof LEVELS)[number]

/** How a command ended, as far as an exercise that is set in its lab is judged by it. */
export type Ending =
  | { readonly by: 'walk' }
  | { readonly by: 'test'; readonly passed: boolean }
  | { readonly by: 'doctor'; readonly checks: readonly CheckSeen[] }
  /** All of the lab is gone. */
  | { readonly by: 'cleanup' }
  | { readonly by: 'failure' }

/** The result of one of the doctor's checks. */
export interface CheckSeen {
  readonly id: string
  readonly status: string
}

/** A remark on the exercise after a command; it gives nothing of the answer away. */
export interface Verdict {
  /** In a word, for JSON; where a command has none in its JSON, only the text is told. */
  readonly state?: string
  readonly text: string
}

/**
 * Judges the exercise that was set in the lab when the command began, by how the command ended: what is set while a
 * command looks is not judged by its look.
 */
export type Judge = (ending: Ending) => Promise<Verdict | undefined>
