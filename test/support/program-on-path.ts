import { delimiter } from 'node:path'
import { findProgram } from '../../src/practice/database/engine.ts'

/** Where a program is that anybody can type, if this machine has it. */
export function programOnPath(name: string): string | undefined {
  return findProgram(name, (process.env['PATH'] ?? '').split(delimiter))
}
