import { readFileSync } from 'node:fs'
import { readOrNothing } from '../processes.ts'

/** The processes that a process has started and that are not its grandchildren; none where it is gone. */
export function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
}

/** A process's numbers, in the outermost PID namespace first, in its own last. */
export function numbersOf(pid: number): number[] {
  const line = /^NSpid:\s+(.*)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? ''
  return line.split(/\s+/).filter(Boolean).map(Number)
}

/** All processes below one, from the top. */
export function lineOf(pid: number): number[] {
  const [first] = childrenOf(pid)
  return first === undefined ? [pid] : [pid, ...lineOf(first)]
}

function read(path: string): string {
  return readOrNothing(() => readFileSync(path, 'utf8'))
}
