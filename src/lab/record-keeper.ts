import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { LabError } from './finding.ts'
import type { LabRecord } from './lab-record.ts'
import type { RecordKeeper } from './ports.ts'
import { writeWhole } from './write-whole.ts'

const RECEIPT = 'cleaned-up.json'
const CURRENT = 'current'

function labFolder(home: string, name: string): string {
  return join(home, 'labs', name)
}

/** The record of a lab, undefined where there is none. */
export function readRecord(home: string, name: string): LabRecord | undefined {
  const path = join(labFolder(home, name), 'lab.json')
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(path, name, (cause as Error).message, cause)
  }
  const record = parse(text, path, name)
  if (typeof record?.version === 'number' && record.version > 1) throw ofNewer(path, name)
  // Checked by its name, version and fields: nothing else writes files like that.
  if (isRecord(record, name)) return record as LabRecord
  throw unreadable(path, name, 'It is not the record of this lab')
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
  const texts = [record.id, record.target, record.region, record.madeAt, record.allowFrom]
  return texts.every((text) => typeof text === 'string') && record.hostKeys instanceof Object
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
export function keepRecord(home: string, initial: LabRecord, makesCurrent: boolean): RecordKeeper {
  const folder = labFolder(home, initial.name)
  let value = initial
  return {
    get value() {
      return value
    },
    save(change) {
      value = { ...value, ...change }
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeWhole(join(folder, 'lab.json'), `${JSON.stringify(value, undefined, 2)}\n`)
      rmSync(join(folder, RECEIPT), { force: true })
      if (makesCurrent) writeWhole(join(home, CURRENT), `${value.name}\n`)
    },
    keyFile: join(folder, 'key.pem'),
    knownHostsFile: join(folder, 'known_hosts'),
    retire(receipt) {
      if (!existsSync(folder)) return []
      const removed = readdirSync(folder).filter((file) => file !== RECEIPT)
      // A second cleanup finds nothing, and must not write that over what the first one did.
      if (removed.length === 0) return []
      for (const file of removed) rmSync(join(folder, file), { recursive: true, force: true })
      writeWhole(join(folder, RECEIPT), `${JSON.stringify(receipt, undefined, 2)}\n`)
      return removed.map((file) => join(folder, file))
    },
  }
}

/** The lab that commands without --lab mean: the one built last. */
export function readCurrent(home: string): string | undefined {
  try {
    return readFileSync(join(home, CURRENT), 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

/** When the lab of that name was cleaned up, if it was and has not been built again. */
export function cleanedUpAt(home: string, name: string): string | undefined {
  try {
    const receipt = JSON.parse(readFileSync(join(labFolder(home, name), RECEIPT), 'utf8')) as { at?: string }
    return receipt.at
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
      why: `${why}. What the lab made on AWS is not lost: it is found by its tags.`,
      remedy: {
        say: 'Put the file right; or move it away, clean up by the lab’s name, and build the lab anew.',
        run: [`mv "${path}" "${path}.broken"`, `flasklab cleanup --lab ${name}`],
      },
    },
    { cause },
  )
}
