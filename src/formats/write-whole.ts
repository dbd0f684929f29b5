import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Writes a private file so that whoever reads it sees the old text or the new, never a half. */
export function writeWhole(path: string, text: string): void {
  replace(path, text, () => {})
}

/** As `writeWhole`, and a power cut loses neither: for what nobody could make again. It takes some 10 ms. */
export function writeForGood(path: string, text: string): void {
  replace(path, text, fsyncSync)
}

/** An error that names the file: one of a write, as on a full disk, does not by itself. */
export function naming(path: string, error: unknown): unknown {
  return error instanceof Error ? Object.assign(error, { path }) : error
}

function replace(path: string, text: string, settle: (file: number) => void): void {
  // By its own name: two processes may write at the same time.
  const draft = `${path}.${process.pid}.new`
  const file = openSync(draft, 'w', 0o600)
  try {
    writeFileSync(file, text)
    settle(file)
  } catch (error) {
    rmSync(draft, { force: true })
    throw naming(path, error)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
}
