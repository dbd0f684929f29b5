import { readFileSync } from 'node:fs'
import { shellQuote } from '../formats/shell-quote.ts'
import { LabError } from '../lab/finding.ts'

/** What the practice cloud wrote for itself, to be read again at its next start. */
export interface Stored {
  readonly file: string
  /** What the file holds, as the end of "The practice cloud can't use … ". */
  readonly holds: string
  /** What is wrong with a value that was read, as in "it has no port"; undefined where nothing is. */
  flaw(value: Record<string, unknown>): string | undefined
  /** What follows from moving the file away. */
  readonly withoutIt: string
}

const VERSION = 1

/** The file's value; undefined where there is none yet, and a finding where it is not as it was written. */
export function readStored({ file, holds, flaw, withoutIt }: Stored): Record<string, unknown> | undefined {
  const damaged = (why: string, cause?: unknown) =>
    new LabError(
      {
        what: `The practice cloud can’t use the file with ${holds}: ${file}.`,
        why: `${why}.`,
        remedy: {
          say: `Put the file right, or move it away: ${withoutIt}.`,
          run: ['flasklab practice stop', `mv ${shellQuote(file)} ${shellQuote(`${file}.damaged`)}`],
        },
      },
      { cause },
    )
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
  if (typeof version === 'number' && version > VERSION) throw ofNewer(file)
  const wrong = version === VERSION ? flaw(value) : 'it has no version'
  if (wrong !== undefined) throw damaged(`It is JSON, but ${wrong}`)
  return value
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535
}

function ofNewer(file: string): LabError {
  return new LabError({
    what: `The practice cloud of this folder is of a newer flasklab: ${file}.`,
    why: 'This one could misread it, and would write over what it does not know.',
    remedy: { say: 'Use the flasklab that made it.' },
  })
}
