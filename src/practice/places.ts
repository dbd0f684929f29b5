import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'

/** Where everything of one practice cloud lies. */
export interface Places {
  readonly root: string
  readonly stateFile: string
  readonly serviceFile: string
  readonly logFile: string
  readonly requestLogFile: string
  readonly tools: string
  machine(instanceId: string): string
  database(resourceId: string): string
  /** Folder for the Unix sockets of an instance or database. */
  sockets(id: string): string
}

// A socket's path may have 104 bytes on macOS and 108 on Linux, its terminator included.
const LONGEST_SOCKET_PATH = 103
const LONGEST_SOCKET_NAME = '/sockets/db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/65535.sock'.length

export function placesIn(home: string): Places {
  // The daemon works in another folder.
  const root = join(resolve(home), 'practice')
  const sockets = socketFolder(root)
  for (const folder of [root, join(root, 'machines'), join(root, 'databases'), sockets]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }
  refuseForeign(sockets)
  return {
    root,
    stateFile: join(root, 'cloud.json'),
    serviceFile: join(root, 'service.json'),
    logFile: join(root, 'cloud.log'),
    requestLogFile: join(root, 'requests.log'),
    tools: join(root, 'tools'),
    machine: (instanceId) => join(root, 'machines', instanceId),
    database: (resourceId) => join(root, 'databases', resourceId),
    sockets: (id) => join(sockets, id),
  }
}

/** Beside the state, or, where the home folder's path is too long for sockets, in the shortest folder for files that pass. */
function socketFolder(root: string): string {
  if (root.length + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH) return join(root, 'sockets')
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join('/tmp', `flasklab-${userInfo().uid}-${digest}`)
}

/** In a folder that everyone may write to, somebody else may have made ours: what passes there would be his. */
function refuseForeign(folder: string): void {
  const { uid } = lstatSync(folder)
  if (uid !== userInfo().uid) throw new Error(`${folder} belongs to another user.`)
}
