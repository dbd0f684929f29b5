import { readFileSync } from 'node:fs'
import { PracticeTrouble, type StoredFile } from './trouble.ts'

/** A file that the practice cloud wrote for itself, to be read again at its next start. */
export interface Stored extends StoredFile {
  /** The fault of a value that was read, as in "it has no port"; undefined where it is right. */
  flaw(value: Record<string, unknown>): string | undefined
}

const VERSION = 1

/**
 * The file's value; undefined where there is none yet, and trouble where it is not as it was written. `flaw` looks at
 * what a start depends on; the rest is as this program wrote it.
 */
export function readStored<Value extends object>({ flaw, ...stored }: Stored): Value | undefined {
  const { file } = stored
  const damaged = (why: string, cause?: unknown) =>
    new PracticeTrouble({ kind: 'damaged-file', ...stored, why }, { cause })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    // The folder itself is none, which no moving of this file mends.
    if (code === 'ENOTDIR') throw cause
    throw damaged(cause instanceof SyntaxError ? 'It is not JSON' : `It can’t be read: ${cause}`, cause)
  }
  if (!isRecord(value)) throw damaged('It is not a JSON object')
  const { version } = value
  if (typeof version === 'number' && version > VERSION)
    throw new PracticeTrouble({ kind: 'newer-file', file })
  const wrong = version === VERSION ? flaw(value) : 'it has no version'
  if (wrong !== undefined) throw damaged(`It is JSON, but ${wrong}`)
  return value as Value
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether it is a whole number from 1 to 65535. */
export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535
}
