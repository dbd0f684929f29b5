import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Processes of the practice cloud carry these in their environment, so that they are found again whatever
 * became of their parents: to decide where a connection comes from, and to end them.
 */
export const INSTANCE_MARK = 'FLASKLAB_INSTANCE'
export const PRACTICE_MARK = 'FLASKLAB_PRACTICE'
/** The practice cloud's own process carries this one. */
export const DAEMON_MARK = 'FLASKLAB_DAEMON'

/** The practice instance that a process belongs to, or undefined (also where its environment may not be read). */
export function instanceOf(pid: number): string | undefined {
  return new RegExp(`[\\0 ]${INSTANCE_MARK}=([\\w-]+)`).exec(environmentOf(pid))?.[1]
}

/** All live processes whose environment says `name=value`, but for this one. */
export function processesWith(name: string, value: string): number[] {
  // The value may be a path with spaces, which `ps` does not tell from those between two variables.
  const wanted = new RegExp(`[\\0 ]${name}=${escaped(value)}(?=[\\0 ])`)
  return allProcesses().filter((pid) => pid !== process.pid && wanted.test(environmentOf(pid)))
}

/** Another process's environment as `\0NAME=VALUE\0`, or, where there is no /proc, ` NAME=VALUE `. */
function environmentOf(pid: number): string {
  try {
    if (process.platform === 'linux') return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`
    const words = ['-Eww', '-o', 'command=', '-p', String(pid)]
    return ` ${execFileSync('ps', words, { encoding: 'utf8' }).trimEnd()} `
  } catch {
    return ''
  }
}

/** The files of a process in /proc are gone as soon as it ends. */
export function readOrNothing(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function allProcesses(): number[] {
  const names =
    process.platform === 'linux'
      ? readdirSync('/proc')
      : execFileSync('ps', ['-axo', 'pid='], { encoding: 'utf8' }).split('\n')
  return names.map((name) => Number(name.trim())).filter((pid) => pid > 0)
}

/** Ends every process whose environment says `name=value`: asked first, killed after `graceMs`. */
export async function endProcessesWith(name: string, value: string, graceMs = 0): Promise<void> {
  const left = () => processesWith(name, value).filter(isAlive)
  if (graceMs > 0) {
    for (const pid of left()) signal(pid, 'SIGTERM')
    const deadline = Date.now() + graceMs
    while (left().length > 0 && Date.now() < deadline) await pause(25)
  }
  // A process may have forked between the listing and the kill: look again until none is left.
  for (let round = 0; round < 40; round += 1) {
    const pids = left()
    if (pids.length === 0) return
    for (const pid of pids) signal(pid, 'SIGKILL')
    await pause(25)
  }
}

/** Whether a process runs; one that has ended and was not yet reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

/** Signals a process; one that has ended meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended meanwhile.
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
