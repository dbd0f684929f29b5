import { execFile } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import { promisify } from 'node:util'
import { instanceOf, readOrNothing } from '../processes.ts'

/**
 * The practice instance whose process holds the far end of a loopback connection, or undefined: then it is the
 * laptop's. `clientPort` is the far end's port, `serverPort` ours. Processes of another user are never an
 * instance's: root could read their environment, and they may write there what they like.
 */
export async function owningInstance(clientPort: number, serverPort: number): Promise<string | undefined> {
  if (process.platform === 'linux') return ownerFromProc(clientPort, serverPort)
  for (const pid of await holdersFromLsof(clientPort, serverPort)) {
    const instanceId = instanceOf(pid)
    if (instanceId !== undefined) return instanceId
  }
  return undefined
}

/** All at once, since a thousand small questions through the thread pool take ten times as long. */
function ownerFromProc(clientPort: number, serverPort: number): string | undefined {
  const inode = socketInode(clientPort, serverPort)
  if (inode === undefined) return undefined
  const link = `socket:[${inode}]`
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    // Only an instance's processes are asked for their sockets; they are few, and whoever else it is, is the laptop.
    const instanceId = pid > 0 ? instanceOf(pid) : undefined
    if (instanceId !== undefined && holds(pid, link)) return instanceId
  }
  return undefined
}

/** The socket at the far end, if it is this user's. */
function socketInode(clientPort: number, serverPort: number): string | undefined {
  const client = hex(clientPort)
  const server = hex(serverPort)
  // An IPv6 socket that dials 127.0.0.1 stands in tcp6 as ::ffff:127.0.0.1.
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readOrNothing(() => readFileSync(table, 'latin1')).split('\n')) {
      const [, local, remote, , , , , uid, , inode] = line.trim().split(/\s+/)
      if (!local?.endsWith(`:${client}`) || !remote?.endsWith(`:${server}`) || inode === '0') continue
      return Number(uid) === userInfo().uid ? inode : undefined
    }
  }
  return undefined
}

function holds(pid: number, link: string): boolean {
  const folder = `/proc/${pid}/fd`
  const descriptors = readOrNothing(() => readdirSync(folder).join(' ')).split(' ')
  return descriptors.some((each) => readOrNothing(() => readlinkSync(`${folder}/${each}`)) === link)
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
