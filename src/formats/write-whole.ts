import { renameSync, writeFileSync } from 'node:fs'

/** Writes a private file so that whoever reads it sees the old text or the new, never a half. */
export function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 })
  renameSync(`${path}.new`, path)
}
