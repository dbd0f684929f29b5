import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { naming } from '../formats/write-whole.ts'
import { endProcess, set } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { utc } from '../lab/utc.ts'

/**
 * One command at a time changes a lab. Its lock is a file `lock.N`, made by a link, which fails where it is there
 * already; the lock of a process that has died is never deleted to be made again, but followed by `lock.N+1`:
 * so of two that find it dead, one gets the next.
 */
interface Holder {
  readonly pid: number
  /** When that process began, by the system's clock for processes: its number may be given again. */
  readonly began?: string
  readonly command: string
  readonly since: string
}

/** Others may be quicker a few times; a folder that can't be written to is so each time. */
const ATTEMPTS = 50
const NAME = /^lock\.(\d+)$/

/** Whether a file in a lab's folder is a lock. */
export function isLock(file: string): boolean {
  return NAME.test(file)
}

/** Takes the lab for this process; what it returns lets it go. Ends in a finding when another one holds it. */
export function lockLab(folder: string, lab: string, command: string): () => void {
  const began = beganAt(process.pid)
  const since = new Date().toISOString()
  const self: Holder = { pid: process.pid, ...(began === undefined ? {} : { began }), command, since }
  for (let attempt = 1; ; attempt += 1) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const before = locksIn(folder)
    refuseHeld(before, lab)
    const own = claim(folder, Math.max(0, ...before.map((lock) => lock.number)) + 1, self)
    if (own === undefined && attempt < ATTEMPTS) continue
    if (own === undefined) throw cantLock(folder)
    const others = locksIn(folder).filter((lock) => lock.path !== own)
    try {
      // A process that looked before the last holder left may have linked another number at this very moment.
      refuseHeld(others, lab)
    } catch (error) {
      rmSync(own, { force: true })
      throw error
    }
    for (const dead of others) drop(dead.path)
    return () => release(folder, own)
  }
}

interface Lock {
  readonly path: string
  readonly number: number
  readonly holder: Holder | undefined
}

function locksIn(folder: string): Lock[] {
  return filesIn(folder)
    .filter(isLock)
    .map((file) => {
      const path = join(folder, file)
      return { path, number: Number(NAME.exec(file)?.[1]), holder: readHolder(path) }
    })
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    // A process that let go of a lab that was never begun has taken its folder along.
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}

function readHolder(path: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return isHolder(holder) ? holder : undefined
  } catch {
    // Let go meanwhile, or damaged: either way nobody's, as a lock is there only once it is whole.
    return undefined
  }
}

/** To the system, 0 and what is below mean many processes: nothing that may be ended, or that ever ends. */
function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false
  const { pid, command, since } = value as Partial<Record<keyof Holder, unknown>>
  const isProcess = Number.isSafeInteger(pid) && (pid as number) > 0
  return isProcess && typeof command === 'string' && typeof since === 'string'
}

/** The path of the lock, or undefined when somebody was quicker. */
function claim(folder: string, number: number, self: Holder): string | undefined {
  const path = join(folder, `lock.${number}`)
  const draft = join(folder, `.lock-${process.pid}`)
  try {
    writeFileSync(draft, JSON.stringify(self), { mode: 0o600 })
    linkSync(draft, path)
    return path
  } catch (error) {
    if (isCode(error, 'EEXIST', 'ENOENT')) return undefined
    throw naming(path, error)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** A folder of that name is none of ours: it holds nobody up, and stays. */
function drop(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch (error) {
    if (!isCode(error, 'ERR_FS_EISDIR', 'EISDIR')) throw error
  }
}

function release(folder: string, own: string): void {
  rmSync(own, { force: true })
  try {
    // For a lab that was never begun; a folder with something in it stays.
    rmdirSync(folder)
  } catch {}
}

function cantLock(folder: string): LabError {
  return new LabError({
    what: `The folder ${folder} can’t be used: no file can be made in it.`,
    why: 'The record of the lab, its key and its passwords are kept there.',
    remedy: {
      say: 'Name another folder, then run it again.',
      run: [set({ FLASKLAB_HOME: { inHome: 'flasklab-home' } })],
    },
  })
}

function refuseHeld(locks: readonly Lock[], lab: string): void {
  const holder = locks.map((lock) => lock.holder).find((each) => each !== undefined && isRunning(each))
  if (holder === undefined) return
  throw new LabError({
    what: `"flasklab ${holder.command}" is at work on the lab "${lab}" (process ${holder.pid}, since ${utc(holder.since)}).`,
    why: 'Two commands that change one lab at once would make things twice, or delete what the other one makes.',
    remedy: { say: 'Wait until it ends, or end it, then run this again.', run: [endProcess(holder.pid)] },
  })
}

function isRunning({ pid, began }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!isCode(error, 'EPERM')) return false
  }
  return began === undefined || beganAt(pid) === began
}

/** Undefined where the system does not tell: there, a process's number has to do. */
function beganAt(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    }
    // The 3rd field and the 22nd; the 2nd is the program's name in parentheses, which may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
