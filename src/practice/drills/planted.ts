import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeWhole } from '../../lab/write-whole.ts'
import { rootIn } from '../places.ts'
import type { Memo } from './drill.ts'

/** Which drill is planted in a practice cloud, and how far the student has come. */
export interface Planted {
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
  writeWhole(fileIn(home), `${Buffer.from(JSON.stringify(planted)).toString('base64')}\n`)
}

export function forgetPlanted(home: string): void {
  rmSync(fileIn(home), { force: true })
}

function isPlanted(stored: unknown): stored is Planted {
  const { lab, labId, drill, cause, hints, memo } = Object(stored) as Record<keyof Planted, unknown>
  return (
    [lab, labId, drill, cause].every((each) => typeof each === 'string') &&
    Number(hints) >= 0 &&
    Boolean(memo)
  )
}

function fileIn(home: string): string {
  return join(rootIn(home), 'drill')
}
