import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { flasklab, move } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { labFolder } from './lab-folder.ts'
import { isRecord, type Loose } from './record-shape.ts'

/** The file in a lab's folder that is its record. */
export const RECORD = 'lab.json'

/** The record of a lab, undefined where there is none. */
export function readRecord(home: string, name: string): LabRecord | undefined {
  const path = join(labFolder(home, name), RECORD)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    // The folder that FLASKLAB_HOME names is none.
    if (code === 'ENOTDIR') throw cause
    throw unreadable(path, name, (cause as Error).message, cause)
  }
  closeToOthers(path)
  const record = parse(text, path, name)
  if (typeof record?.version === 'number' && record.version > 1) throw ofNewer(path, name)
  // Checked by its name, version and fields: nothing else writes files like that.
  if (isRecord(record, name)) return record as LabRecord
  throw unreadable(path, name, 'It is not the record of this lab')
}

/** The record, where it can be read: one that can't be is told of by whoever needs it. */
export function peekRecord(home: string, name: string): LabRecord | undefined {
  try {
    return readRecord(home, name)
  } catch {
    return undefined
  }
}

/** It holds passwords; somebody may have opened it, or put it back from a copy. */
function closeToOthers(path: string): void {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  } catch {
    // Somebody else owns the file, and it can be read all the same.
  }
}

function parse(text: string, path: string, name: string): Loose {
  try {
    return JSON.parse(text) as Loose
  } catch (cause) {
    throw unreadable(path, name, 'It is not JSON', cause)
  }
}

function ofNewer(path: string, name: string): LabError {
  return new LabError({
    what: `The record of the lab "${name}" is of a newer flasklab: ${path}.`,
    why: 'This one could misread it, and would write over what it does not know.',
    remedy: { say: 'Use the flasklab that made it.' },
  })
}

function unreadable(path: string, name: string, why: string, cause?: unknown): LabError {
  return new LabError(
    {
      what: `The record of the lab "${name}" can’t be read: ${path}.`,
      why: `${why}. The lab’s resources on AWS are not lost: they are found by their tags.`,
      remedy: {
        say: 'Put the file right; or move it away, clean up by the lab’s name (with the flag for its cloud, if it was built with one), and build the lab anew.',
        run: [move(path, `${path}.broken`), flasklab('cleanup', { lab: name })],
      },
    },
    { cause },
  )
}
