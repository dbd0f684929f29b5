import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { LabRecord } from '../lab/lab-record.ts'
import { isLabName } from '../lab/names.ts'
import { labFolder, labsFolder } from './lab-folder.ts'
import { peekRecord, RECORD } from './read-record.ts'

/** The labs that have a record here. */
export interface LabIndex {
  /** The newest first; those whose records can't be read come last. */
  names(): readonly string[]
  /** The name of the lab with that id. */
  nameOf(id: string): string | undefined
}

/** Reads each record once, and again only where it was written since: a command asks several times. */
export function createLabIndex(home: string): LabIndex {
  const known = new Map<string, Entry>()
  const entryOf = (recorded: Recorded): Entry => {
    const before = known.get(recorded.name)
    if (before?.version === recorded.version) return before
    const { id, madeAt = '' } = peekRecord(home, recorded.name) ?? {}
    const entry = { ...recorded, id, madeAt }
    known.set(recorded.name, entry)
    return entry
  }
  const entries = () =>
    recordedIn(home)
      .map(entryOf)
      .sort((one, other) => other.madeAt.localeCompare(one.madeAt))
  return {
    names: () => entries().map(({ name }) => name),
    nameOf: (id) => entries().find((entry) => entry.id === id)?.name,
  }
}

interface Recorded {
  readonly name: string
  /** Another one whenever the file was written. */
  readonly version: string
}

interface Entry extends Recorded, Pick<LabRecord, 'madeAt'> {
  readonly id: string | undefined
}

function recordedIn(home: string): readonly Recorded[] {
  return foldersIn(home)
    .filter(isLabName)
    .flatMap((name) => {
      const version = versionOf(join(labFolder(home, name), RECORD))
      return version === undefined ? [] : [{ name, version }]
    })
}

function foldersIn(home: string): readonly string[] {
  try {
    return readdirSync(labsFolder(home))
  } catch {
    return []
  }
}

function versionOf(record: string): string | undefined {
  try {
    const { ino, mtimeNs } = statSync(record, { bigint: true })
    return `${ino} ${mtimeNs}`
  } catch {
    return undefined
  }
}
