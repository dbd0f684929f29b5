import type { Command } from './command.ts'

/** A fault, its cause and its remedy: the one form in which flasklab tells of anything expected. */
export interface Finding {
  /** A full sentence that names the thing. */
  readonly what: string
  readonly why?: string
  readonly remedy: Remedy
}

export interface Remedy {
  /** An action, as prose. */
  readonly say: string
  /** Commands that can be pasted as they are. */
  readonly run?: readonly Command[]
}

/** As it is printed: its commands are lines for a shell. */
export interface WrittenFinding extends Omit<Finding, 'remedy'> {
  readonly remedy: { readonly say: string; readonly run?: readonly string[] }
}

/** Code may branch on these; the words of a finding are for people. */
export type FindingCode =
  | 'wrong-host-key'
  | 'expired'
  | 'no-key'
  | 'denied'
  | 'no-answer'
  | 'no-region'
  | 'no-room'
  | 'no-network'
  | 'used-token'
  | 'name-taken'
  | 'no-credentials'
  | 'no-connection'
  | 'unknown-lab'
  | 'login-refused'
  | 'untrusted'

/** An expected failure. Everything else that is thrown is a bug in flasklab. */
export class LabError extends Error {
  readonly finding: Finding
  readonly code: FindingCode | undefined

  constructor(finding: Finding, options?: ErrorOptions & { readonly code?: FindingCode }) {
    super(finding.what, options)
    this.name = 'LabError'
    this.finding = finding
    this.code = options?.code
  }
}

export function hasCode(error: unknown, code: FindingCode): boolean {
  return error instanceof LabError && error.code === code
}

/** A word or flag that is wrong: exit code 2. */
export class UsageError extends LabError {}

/** The student stopped it: exit code 130. */
export class Interrupted extends Error {}
