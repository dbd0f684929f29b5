import type { Typing } from '../lab/command-text.ts'
import type { Finding, WrittenFinding } from '../lab/finding.ts'

/** How a result is put on the screen. */
export interface Paper {
  /** In columns. */
  readonly width: number
  /** A finding; nothing where the screen that shows the result shows it already. */
  render(finding: Finding): string
  /** A finding as part of a result under `--json`. */
  written(finding: Finding): WrittenFinding
  /** Prose, broken at the screen's width; its lines but the first are indented. */
  fold(text: string, indent?: number): string
  /** Commands as they are typed for this lab. */
  readonly typed: Typing
}
