import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeForGood } from '../formats/write-whole.ts'
import { isLabName } from '../lab/names.ts'

/** The lab that commands without --lab mean: the one built last. */
export function readCurrent(home: string): string | undefined {
  try {
    const name = readFileSync(noteIn(home), 'utf8').trim()
    return isLabName(name) ? name : undefined
  } catch {
    return undefined
  }
}

export function makeCurrent(home: string, name: string): void {
  writeForGood(noteIn(home), `${name}\n`)
}

/** With the current lab gone, commands without --lab mean the first of those that are left. */
export function passOnCurrent(home: string, gone: string, left: () => readonly string[]): void {
  if (readCurrent(home) !== gone) return
  const [next] = left()
  if (next === undefined) rmSync(noteIn(home), { force: true })
  else makeCurrent(home, next)
}

function noteIn(home: string): string {
  return join(home, 'current')
}
