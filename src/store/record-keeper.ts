import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

import { writeForGood } from '../formats/write-whole.ts'
import { flasklab, move } from '../lab/command.ts'

import { LabError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { isLabId, isLabName } from '../lab/names.ts'
import type { CleanupNote, Named, RecordKeeper } from '../lab/ports/record.ts'
import { isLock } from './lab-lock.ts'

const RECEIPT = 'cleaned-up.json'
const UNCLEAN = 'receipt.json'
const CURRENT = 'current'

/** Where the lab's files lie: all that is in it may be deleted, so no name leads out of the folder of the labs. */
export function labFolder(home: string, name: string): string {
  if (!isLabName(name)) throw new Error(`A folder for a lab called ${JSON.stringify(name)}`)
  return join(home, 'labs', name)
}

/** The record of a lab, undefined where there is none. */
export function readRecord(home: string, name: string): LabRecord | undefined {
  const path = join(labFolder(home, name), 'lab.json')
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

/** It holds passwords; somebody may have opened it, or put it back from a copy. */
function closeToOthers(path: string): void {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600)
  } catch {
    // Somebody else owns the file, and it can be read all the same.
  }
}

type Loose = Readonly<Partial<Record<keyof LabRecord, unknown>>> | null

function parse(text: string, path: string, name: string): Loose {
  try {
    return JSON.parse(text) as Loose
  } catch (cause) {
    throw unreadable(path, name, 'It is not JSON', cause)
  }
}

function isRecord(record: Loose, name: string): boolean {
  if (record?.version !== 1 || record.name !== name) return false
  const { names, passwords, launch, proof, profile, account, owner, sshFrom, expires } = record
  return (
    isLabId(record.id) &&
    [record.target, record.madeAt, record.allowFrom].every(isText) &&
    isRegion(record.region) &&
    [profile, account, owner, sshFrom, expires].every((each) => each === undefined || isText(each)) &&
    isObject(record.hostKeys) &&
    Object.values(record.hostKeys).every((keys) => Array.isArray(keys) && keys.every(isText)) &&
    hasTexts(names, 'server', 'database', 'webGroup', 'keyPair', 'subnetGroup') &&
    hasTexts(passwords, 'master', 'app') &&
    hasTexts(launch, 'token', 'subnetId') &&
    hasTexts(proof, 'at', 'serverId', 'databaseId')
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

/** It goes into host names. */
function isRegion(value: unknown): boolean {
  return isText(value) && /^[a-z0-9-]{1,30}$/.test(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A part that may be absent, but not half there. */
function hasTexts(part: unknown, ...fields: readonly string[]): boolean {
  return part === undefined || (isObject(part) && fields.every((field) => isText(part[field])))
}

export function newRecord(
  name: string,
  target: string,
  region: string,
  profile: string | undefined,
): LabRecord {
  return {
    version: 1,
    id: randomBytes(5).toString('hex'),
    name,
    target,
    region,
    ...(profile === undefined ? {} : { profile }),
    madeAt: new Date().toISOString(),
    allowFrom: '0.0.0.0/0',
    hostKeys: {},
  }
}

/** `makesCurrent`: once it is saved, the lab is the one that commands without --lab mean. */
export function keepRecord(
  home: string,
  initial: LabRecord,
  makesCurrent: boolean,
  keyFile?: string,
  folder = labFolder(home, initial.name),
): RecordKeeper {
  let value = initial
  const files = () => filesOf(folder).filter((file) => ![RECEIPT, UNCLEAN].includes(file) && !isLock(file))
  const whole = ({ deleted, ...receipt }: CleanupNote) => {
    const { name, id, target, region, profile } = value
    const again = [...deleted, ...(receipt.left ?? []), ...(receipt.asked ?? [])]
    const all = [...deletedBefore(join(folder, UNCLEAN), id, again), ...deleted]
    return `${JSON.stringify({ lab: name, id, target, region, profile, ...receipt, deleted: all }, undefined, 2)}\n`
  }
  return {
    get value() {
      return value
    },
    get isSaved() {
      return existsSync(join(folder, 'lab.json'))
    },
    save(change) {
      value = { ...value, ...change }
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // A former lab of this name has left this receipt.
      if (!this.isSaved) rmSync(join(folder, UNCLEAN), { force: true })
      writeForGood(join(folder, 'lab.json'), `${JSON.stringify(value, undefined, 2)}\n`)
      rmSync(join(folder, RECEIPT), { force: true })
      if (makesCurrent) writeForGood(join(home, CURRENT), `${value.name}\n`)
    },
    keyFile: keyFile ?? join(folder, 'key.pem'),
    knownHostsFile: join(folder, 'known_hosts'),
    others: () => labsIn(home).filter((name) => name !== value.name),
    files: () => files().map((file) => join(folder, file)),
    retire(receipt) {
      const removed = files()
      // A second cleanup finds nothing, and must not write that over what the first one did.
      const isNews = removed.length > 0 || receipt.deleted.length > 0 || existsSync(join(folder, UNCLEAN))
      if (!isNews) return []
      for (const file of removed) rmSync(join(folder, file), { recursive: true, force: true })
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeForGood(join(folder, RECEIPT), whole(receipt))
      rmSync(join(folder, UNCLEAN), { force: true })
      passOn(home, basename(folder))
      return removed.map((file) => join(folder, file))
    },
    keepReceipt(receipt) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeForGood(join(folder, UNCLEAN), whole(receipt))
      return join(folder, UNCLEAN)
    },
  }
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

function filesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

/** The lab that commands without --lab mean: the one built last. */
export function readCurrent(home: string): string | undefined {
  try {
    const name = readFileSync(join(home, CURRENT), 'utf8').trim()
    return isLabName(name) ? name : undefined
  } catch {
    return undefined
  }
}

/** With the current lab gone, commands without --lab mean the newest of those that are left. */
function passOn(home: string, gone: string): void {
  if (readCurrent(home) !== gone) return
  const [next] = labsIn(home)
  if (next === undefined) rmSync(join(home, CURRENT), { force: true })
  else writeForGood(join(home, CURRENT), `${next}\n`)
}

/** The labs that have a record here, the newest first; those that can't be read come last. */
export function labsIn(home: string): readonly string[] {
  let names: string[]
  try {
    names = readdirSync(join(home, 'labs')).filter(
      (name) => isLabName(name) && existsSync(join(labFolder(home, name), 'lab.json')),
    )
  } catch {
    return []
  }
  const madeAt = new Map(names.map((name) => [name, whenMade(home, name)]))
  return names.sort((one, other) => (madeAt.get(other) ?? '').localeCompare(madeAt.get(one) ?? ''))
}

function whenMade(home: string, name: string): string {
  try {
    return readRecord(home, name)?.madeAt ?? ''
  } catch {
    return ''
  }
}

/** The note that is kept of a lab that was cleaned up: when, and where it had been. */
export interface CleanedUp {
  readonly id: string
  readonly at: string
  readonly target: string
  readonly region: string
  readonly profile?: string
}

/** The note of the lab of that name, if it was cleaned up and has not been built again. */
export function readCleanedUp(home: string, name: string): CleanedUp | undefined {
  return readNote(join(labFolder(home, name), RECEIPT))
}

/** The last that was said of a lab, whether all of it went or not. */
export interface LastReceipt extends CleanedUp {
  readonly isClean: boolean
}

export function readReceipt(home: string, name: string): LastReceipt | undefined {
  const clean = readCleanedUp(home, name)
  if (clean !== undefined) return { ...clean, isClean: true }
  const unclean = readNote(join(labFolder(home, name), UNCLEAN))
  return unclean && { ...unclean, isClean: false }
}

/** The name under which the receipt of the lab with that id is kept. */
export function retiredAs(home: string, id: string): string | undefined {
  return filesOf(join(home, 'labs')).find((name) => isLabName(name) && readReceipt(home, name)?.id === id)
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
