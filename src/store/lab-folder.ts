import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isLabName } from '../lab/names.ts'

/** Where all labs lie, each in a folder of its own. */
export function labsFolder(home: string): string {
  return join(home, 'labs')
}

/** Where the lab's files lie: all that is in it may be deleted, so no name leads out of the folder of the labs. */
export function labFolder(home: string, name: string): string {
  if (!isLabName(name)) throw new Error(`A folder for a lab called ${JSON.stringify(name)}`)
  return join(labsFolder(home), name)
}

/** The names of what lies in a folder; none where there is no folder. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}
