import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeForGood } from '../formats/write-whole.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { isLabId, isLabName } from '../lab/names.ts'
import type { CleanupNote, Named } from '../lab/ports/record.ts'
import { labFolder, labsFolder, namesIn } from './lab-folder.ts'
import { hasTexts, isRegion, type Loose } from './record-shape.ts'

/** The note of a lab of which all went. */
export const CLEAN = 'cleaned-up.json'
/** The receipt of a cleanup that left something, or did not end. */
export const UNCLEAN = 'receipt.json'

/** The note that is kept of a lab that was cleaned up: when, and where it had been. */
interface CleanedUp {
  readonly id: string
  readonly at: string
  readonly target: string
  readonly region: string
  readonly profile?: string
}

/** The last that was said of a lab, whether all of it went or not. */
export interface LastReceipt extends CleanedUp {
  readonly isClean: boolean
}

/** The note of the lab of that name, if it was cleaned up and has not been built again. */
export function readCleanedUp(home: string, name: string): CleanedUp | undefined {
  return readNote(join(labFolder(home, name), CLEAN))
}

export function readReceipt(home: string, name: string): LastReceipt | undefined {
  const clean = readCleanedUp(home, name)
  if (clean !== undefined) return { ...clean, isClean: true }
  const unclean = readNote(join(labFolder(home, name), UNCLEAN))
  return unclean && { ...unclean, isClean: false }
}

/** The name under which the receipt of the lab with that id is kept. */
export function retiredAs(home: string, id: string): string | undefined {
  return namesIn(labsFolder(home)).find((name) => isLabName(name) && readReceipt(home, name)?.id === id)
}

function readNote(path: string): CleanedUp | undefined {
  try {
    const note = JSON.parse(readFileSync(path, 'utf8')) as Loose
    const isWhole = hasTexts(note ?? undefined, 'at', 'target') && isLabId(note?.id) && isRegion(note?.region)
    return isWhole ? (note as CleanedUp) : undefined
  } catch {
    return undefined
  }
}

/** Writes the note of a lab of which all went, with the deletions of the cleanups before this one. */
export function writeCleanedUp(folder: string, lab: LabRecord, note: CleanupNote): void {
  writeNote(join(folder, CLEAN), folder, lab, note)
  rmSync(join(folder, UNCLEAN), { force: true })
}

/** Writes the receipt of a cleanup that left something, or did not end; where it lies. */
export function writeUnclean(folder: string, lab: LabRecord, note: CleanupNote): string {
  const path = join(folder, UNCLEAN)
  writeNote(path, folder, lab, note)
  return path
}

function writeNote(path: string, folder: string, lab: LabRecord, { deleted, ...note }: CleanupNote): void {
  const { name, id, target, region, profile } = lab
  const again = [...deleted, ...(note.left ?? []), ...(note.asked ?? [])]
  const all = [...deletedBefore(join(folder, UNCLEAN), id, again), ...deleted]
  const receipt = { lab: name, id, target, region, profile, ...note, deleted: all }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeForGood(path, `${JSON.stringify(receipt, undefined, 2)}\n`)
}

/** By cleanups of the same lab that left something, or did not end. */
function deletedBefore(path: string, id: string, again: readonly Named[]): readonly Named[] {
  try {
    const before = JSON.parse(readFileSync(path, 'utf8')) as Partial<CleanupNote> & { id?: unknown }
    if (before.id !== id || !Array.isArray(before.deleted)) return []
    const isNew = (one: Named) => !again.some((other) => other.kind === one.kind && other.id === one.id)
    return [...before.deleted, ...(before.asked ?? [])].filter(isNew)
  } catch {
    return []
  }
}
