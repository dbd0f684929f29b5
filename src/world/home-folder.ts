import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../lab/io.ts'

/** Where everything of flasklab lies. */
export function homeFolder(environment: Environment): string {
  return environment['FLASKLAB_HOME'] || join(homedir(), '.flasklab')
}
