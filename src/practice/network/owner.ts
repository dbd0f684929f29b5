import { execFile } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { promisify } from 'node:util'
import { instanceOf } from '../processes.ts'

/**
 * The practice instance whose process holds the far end of a loopback connection, or undefined: then it is the
 * laptop's. `clientPort` is the far end's port, `serverPort` ours.
 */
export async function owningInstance(clientPort: number, serverPort: number): Promise<string | undefined> {
  for (const pid of await holders(clientPort, serverPort)) {
    const instanceId = instanceOf(pid)
    if (instanceId !== undefined) return instanceId
  }
  return undefined
}

function holders(clientPort: number, serverPort: number): Promise<number[]> {
  return process.platform === 'linux'
    ? holdersFromProc(clientPort, serverPort)
    : holdersFromLsof(clientPort, serverPort)
}

async function holdersFromProc(clientPort: number, serverPort: number): Promise<number[]> {
  const inode = await socketInode(clientPort, serverPort)
  if (inode === undefined) return []
  const link = `socket:[${inode}]`
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => ((await holds(pid, link)) ? Number(pid) : undefined)),
  )
  return found.filter((pid) => pid !== undefined)
}

async function socketInode(clientPort: number, serverPort: number): Promise<string | undefined> {
  const client = hex(clientPort)
  const server = hex(serverPort)
  // An IPv6 socket that dials 127.0.0.1 stands in tcp6 as ::ffff:127.0.0.1.
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const text = await readFile(table, 'latin1').catch(() => '')
    for (const line of text.split('\n')) {
      const [, local, remote, , , , , , , inode] = line.trim().split(/\s+/)
      if (local?.endsWith(`:${client}`) && remote?.endsWith(`:${server}`) && inode !== '0') return inode
    }
  }
  return undefined
}

async function holds(pid: string, link: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const descriptors = await readdir(folder).catch(() => [])
  for (const descriptor of descriptors) {
    if ((await readlink(`${folder}/${descriptor}`).catch(() => '')) === link) return true
  }
  return false
}

async function holdersFromLsof(clientPort: number, serverPort: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('lsof', [
    '-nP',
    '-Fpn',
    `-iTCP@127.0.0.1:${clientPort}`,
  ]).catch(() => ({ stdout: '' }))
  const end = `:${clientPort}->127.0.0.1:${serverPort}`
  const pids: number[] = []
  let pid = 0
  for (const line of stdout.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1))
    if (line.startsWith('n') && line.endsWith(end)) pids.push(pid)
  }
  return pids
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}
