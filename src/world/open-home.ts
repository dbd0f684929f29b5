import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../lab/io.ts'
import { createLabIndex } from '../store/lab-index.ts'
import type { Shelf } from './options.ts'

/** Where everything of flasklab lies, with the labs that are there. */
export function openHome(environment: Environment): Shelf {
  const home = homeFolder(environment)
  return { home, labs: createLabIndex(home) }
}

function homeFolder(environment: Environment): string {
  return environment['FLASKLAB_HOME'] || join(homedir(), '.flasklab')
}
