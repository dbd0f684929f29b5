import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { PracticeTrouble } from './trouble.ts'

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
// MariaDB keeps paths in 512 bytes, and crashes past them.
const LONGEST_ROOT = 400
const LONGEST_SOCKET_NAME = '/sockets/db-ABCDEFGHIJKLMNOPQRSTUVWXYZ/65535.sock'.length

export function placesIn(home: string): Places {
  const root = rootIn(home)
  refuseLong(root)
  const sockets = socketFolder(root)
  for (const folder of [root, join(root, 'machines'), join(root, 'databases'), sockets]) makeFolder(folder)
  refuseForeign(sockets)
  return {
    root,
    stateFile: join(root, 'cloud.json'),
    serviceFile: serviceFileIn(home),
    logFile: join(root, 'cloud.log'),
    requestLogFile: join(root, 'requests.log'),
    tools: join(root, 'tools'),
    machine: (instanceId) => join(root, 'machines', instanceId),
    database: (resourceId) => join(root, 'databases', resourceId),
    sockets: (id) => join(sockets, id),
  }
}

/** The folder that everything but its sockets lies in. */
export function rootIn(home: string): string {
  // The daemon works in another folder.
  return join(resolve(home), 'practice')
}

/** Where it is told how the practice cloud is reached; asking that makes no folder. */
export function serviceFileIn(home: string): string {
  return join(rootIn(home), 'service.json')
}

/** Beside the state, or, where the home folder's path is too long for sockets, in the shortest folder for files that pass. */
function socketFolder(root: string): string {
  if (Buffer.byteLength(root) + LONGEST_SOCKET_NAME <= LONGEST_SOCKET_PATH) return join(root, 'sockets')
  const digest = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join('/tmp', `flasklab-${userInfo().uid}-${digest}`)
}

function refuseLong(root: string): void {
  const bytes = Buffer.byteLength(root)
  if (bytes <= LONGEST_ROOT) return
  throw new PracticeTrouble({ kind: 'path-too-long', root, bytes, most: LONGEST_ROOT })
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new PracticeTrouble({ kind: 'no-folder', folder, why }, { cause })
  }
}

/**
 * In a folder that everyone may write to, somebody else may have made ours, or a link that leads to one of his:
 * what passes there would be his to read.
 */
function refuseForeign(folder: string): void {
  const found = lstatSync(folder)
  const isOurs = found.isDirectory() && found.uid === userInfo().uid
  if (isOurs && (found.mode & 0o077) === 0) return
  throw new PracticeTrouble({ kind: 'sockets-exposed', folder, isOurs })
}
