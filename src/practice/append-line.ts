import { appendFileSync } from 'node:fs'

/** Adds a line to a log of ours. A full disk or a removed folder costs the line, never what it tells of. */
export function appendLine(file: string, line: string): void {
  try {
    appendFileSync(file, `${line}\n`, { mode: 0o600 })
  } catch {
    // There is no other place to tell it.
  }
}
