import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Puts a process under a memory limit that the kernel enforces by killing it, where a cgroup can be made: as root,
 * with either generation of cgroups. Undone once the process has ended; undefined where none can be made.
 */
export async function limitMemory(
  pid: number,
  bytes: number,
): Promise<{ undo(): Promise<void> } | undefined> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8').catch(() => ''))
    .split('\n')
    .map((line) => line.split(' '))
  const [, first] = mounts.find(([, , type, flags]) => type === 'cgroup' && flags?.includes('memory')) ?? []
  const [, second] = mounts.find(([, , type]) => type === 'cgroup2') ?? []
  const parent = first ?? second
  if (parent === undefined) return undefined
  const folder = join(parent, `flasklab-memory-${randomBytes(4).toString('hex')}`)
  const undo = () => rmdir(folder).catch(() => {})
  try {
    await mkdir(folder)
    await writeFile(join(folder, first ? 'memory.limit_in_bytes' : 'memory.max'), String(bytes))
    await writeFile(join(folder, 'cgroup.procs'), String(pid))
    return { undo }
  } catch {
    await undo()
    return undefined
  }
}
