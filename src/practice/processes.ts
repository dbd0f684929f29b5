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

/** The value of a variable in another process's environment, or undefined (also where it may not be read). */
export function environmentOf(pid: number, name: string): string | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid, name) : fromPs(pid, name)
  } catch {
    return undefined
  }
}

function fromProc(pid: number, name: string): string | undefined {
  const start = `${name}=`
  return readFileSync(`/proc/${pid}/environ`, 'latin1')
    .split('\0')
    .find((entry) => entry.startsWith(start))
    ?.slice(start.length)
}

function fromPs(pid: number, name: string): string | undefined {
  const line = execFileSync('ps', ['-Eww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' })
  return new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(line)?.[1]
}

/** All live processes whose environment says `name=value`, but for this one. */
export function processesWith(name: string, value: string): number[] {
  return allProcesses().filter((pid) => pid !== process.pid && environmentOf(pid, name) === value)
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
