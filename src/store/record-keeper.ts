import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { writeForGood } from '../formats/write-whole.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { CleanupNote, RecordKeeper } from '../lab/ports/record.ts'
import { makeCurrent, passOnCurrent } from './current-lab.ts'
import { labFolder, namesIn } from './lab-folder.ts'
import { createLabIndex, type LabIndex } from './lab-index.ts'
import { isLock } from './lab-lock.ts'
import { RECORD } from './read-record.ts'
import { CLEAN, UNCLEAN, writeCleanedUp, writeUnclean } from './receipts.ts'

interface Keeping {
  /** Once it is saved, the lab is the one that commands without --lab mean. */
  readonly makesCurrent?: boolean
  readonly keyFile?: string | undefined
  /** Where the lab's files lie, if not in the folder that is called after it. */
  readonly folder?: string
  /** All labs here. */
  readonly labs?: LabIndex
}

export function keepRecord(home: string, initial: LabRecord, keeping: Keeping = {}): RecordKeeper {
  const {
    makesCurrent = false,
    folder = labFolder(home, initial.name),
    labs = createLabIndex(home),
  } = keeping
  let value = initial
  return {
    get value() {
      return value
    },
    get isSaved() {
      return existsSync(join(folder, RECORD))
    },
    save(change) {
      value = { ...value, ...change }
      write(folder, value)
      if (makesCurrent) makeCurrent(home, value.name)
    },
    keyFile: keeping.keyFile ?? join(folder, 'key.pem'),
    knownHostsFile: join(folder, 'known_hosts'),
    others: () => labs.names().filter((name) => name !== value.name),
    files: () => filesIn(folder),
    retire(receipt) {
      const removed = retire(folder, value, receipt)
      if (removed !== undefined) passOnCurrent(home, basename(folder), labs.names)
      return removed ?? []
    },
    keepReceipt: (receipt) => writeUnclean(folder, value, receipt),
  }
}

function write(folder: string, record: LabRecord): void {
  const path = join(folder, RECORD)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // A former lab of this name has left this receipt.
  if (!existsSync(path)) rmSync(join(folder, UNCLEAN), { force: true })
  writeForGood(path, `${JSON.stringify(record, undefined, 2)}\n`)
  rmSync(join(folder, CLEAN), { force: true })
}

/** Removes the lab’s files; undefined where there is nothing to tell. */
function retire(folder: string, lab: LabRecord, receipt: CleanupNote): readonly string[] | undefined {
  const removed = filesIn(folder)
  // A second cleanup finds nothing, and must keep the note of the first one.
  const isNews = removed.length > 0 || receipt.deleted.length > 0 || existsSync(join(folder, UNCLEAN))
  if (!isNews) return undefined
  for (const file of removed) rmSync(file, { recursive: true, force: true })
  writeCleanedUp(folder, lab, receipt)
  return removed
}

/** All that lies there of the lab, but its receipts and its lock. */
function filesIn(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((file) => ![CLEAN, UNCLEAN].includes(file) && !isLock(file))
    .map((file) => join(folder, file))
}
