import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../formats/write-whole.ts'
import type { CheckSeen } from '../lab/exercise.ts'
import { rootIn } from '../practice/paths.ts'
import type { Memo } from './drill.ts'

/** Which drill is planted in a practice cloud, and how far the student has come. */
export interface Planted {
  /** The id of this one planting: the same drill may be planted again. */
  readonly id: string
  /** Whether it is planted as a whole; of one that was interrupted nobody knows how much is broken. */
  readonly whole: boolean
  readonly lab: string
  readonly labId: string
  readonly drill: string
  /** The check that finds it. */
  readonly cause: string
  /** How many hints were given. */
  readonly hints: number
  readonly memo: Memo
}

/** Encoded, so that nobody who looks around in the folder reads the answer by accident. */
export function readPlanted(home: string): Planted | undefined {
  try {
    const stored: unknown = JSON.parse(Buffer.from(readFileSync(fileIn(home), 'utf8'), 'base64').toString())
    return isPlanted(stored) ? stored : undefined
  } catch {
    // None, or none that can be read: then there is nothing to take back either.
    return undefined
  }
}

export function writePlanted(home: string, planted: Planted): void {
  writeWhole(fileIn(home), encode(planted))
}

/** Writes the first word of a planting; false where another one was quicker. */
export function claimPlanted(home: string, planted: Planted): boolean {
  const draft = `${fileIn(home)}.${planted.id}`
  try {
    writeFileSync(draft, encode(planted), { mode: 0o600 })
    linkSync(draft, fileIn(home))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function encode(planted: Planted): string {
  return `${Buffer.from(JSON.stringify(planted)).toString('base64')}\n`
}

/** Forgets this planting; one that has come since stays. */
export function forgetPlanted(home: string, planted: Planted): void {
  if (readPlanted(home)?.id === planted.id) dropPlanted(home)
}

export function dropPlanted(home: string): void {
  rmSync(fileIn(home), { force: true })
}

/** By the doctor's check that finds it. */
export function isMended({ cause }: Planted, checks: readonly CheckSeen[]): boolean {
  const status = checks.find(({ id }) => id === cause)?.status
  return status === 'pass' || status === 'warn'
}

function isPlanted(stored: unknown): stored is Planted {
  const { id, whole, lab, labId, drill, cause, hints, memo } = Object(stored) as Record<
    keyof Planted,
    unknown
  >
  return (
    [id, lab, labId, drill, cause].every((each) => typeof each === 'string') &&
    typeof whole === 'boolean' &&
    Number(hints) >= 0 &&
    Boolean(memo)
  )
}

function fileIn(home: string): string {
  return join(rootIn(home), 'drill')
}
