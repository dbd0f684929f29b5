import { constants, realpathSync, type Stats } from 'node:fs'
import * as files from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import ssh2 from 'ssh2'
import type { Disk } from './disk.ts'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp
const LONGEST_READ = 262_144
const NAMES_AT_ONCE = 100

/** What a client has open: a file, or the names in a folder that it has not been told yet. */
type Opened = files.FileHandle | { names: string[]; readonly folder: string }

/** Attributes as a client sends them: what it does not ask to change is absent. */
type Wanted = Partial<ssh2.Attributes>

/**
 * SFTP for one login, which today's `scp` speaks, too. It shows the instance's disk as if that were all there is:
 * `/home/ec2-user` is where it begins, and what links lead to outside is refused.
 */
export function serveSftp(sftp: ssh2.SFTPWrapper, disk: Disk): void {
  const tree = treeOf(disk)
  const opened = new Map<number, Opened>()
  let handles = 0
  // One after the other: OpenSSH cuts a file off behind the first answer that comes out of turn.
  let turn: Promise<unknown> = Promise.resolve()

  const on = <Words extends unknown[]>(
    event: string,
    work: (id: number, ...words: Words) => Promise<unknown>,
  ) =>
    sftp.on(event, (id: number, ...words: Words) => {
      turn = turn
        .then(() => work(id, ...words))
        .catch((error: NodeJS.ErrnoException) => sftp.status(id, codeOf(error), error.message))
    })
  /** For requests that are answered with success alone. */
  const onChange = <Words extends unknown[]>(event: string, work: (...words: Words) => Promise<unknown>) =>
    on<Words>(event, async (id, ...words) => {
      await work(...words)
      sftp.status(id, STATUS_CODE.OK)
    })

  on('REALPATH', async (id, path: string) => {
    const filename = tree.nameOf(await tree.find(path))
    sftp.name(id, [{ filename, longname: filename, attrs: {} as ssh2.Attributes }])
  })
  on('STAT', async (id, path: string) => sftp.attrs(id, attributes(await files.stat(await tree.find(path)))))
  on('LSTAT', async (id, path: string) =>
    sftp.attrs(id, attributes(await files.lstat(await tree.findLink(path)))),
  )
  on('FSTAT', async (id, handle: Buffer) => sftp.attrs(id, attributes(await file(handle).stat())))
  on('READLINK', async (id, path: string) => {
    const filename = tree.nameOf(await files.readlink(await tree.findLink(path)))
    sftp.name(id, [{ filename, longname: filename, attrs: {} as ssh2.Attributes }])
  })
  on('OPEN', async (id, path: string, flags: number, { mode = 0o644 }: Wanted) => {
    // What a link leads to was found already: one that is left leads nowhere, or elsewhere by now.
    const found = await files.open(await tree.find(path), openFlags(flags) | constants.O_NOFOLLOW, mode)
    sftp.handle(id, keep(found))
  })
  on('READ', async (id, handle: Buffer, offset: number, length: number) => {
    const buffer = Buffer.allocUnsafe(Math.min(length, LONGEST_READ))
    const { bytesRead } = await file(handle).read(buffer, 0, buffer.length, offset)
    if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF)
    else sftp.data(id, buffer.subarray(0, bytesRead))
  })
  onChange('WRITE', async (handle: Buffer, offset: number, data: Buffer) => {
    const own = file(handle)
    for (let done = 0; done < data.length; ) {
      done += (await own.write(data, done, data.length - done, offset + done)).bytesWritten
    }
  })
  on('OPENDIR', async (id, path: string) => {
    const folder = await tree.find(path)
    sftp.handle(id, keep({ folder, names: ['.', '..', ...(await files.readdir(folder))] }))
  })
  on('READDIR', async (id, handle: Buffer) => {
    const own = opened.get(handle.readUInt32BE())
    if (own === undefined || !('names' in own)) throw new Error('Not an open folder')
    const names = own.names.splice(0, NAMES_AT_ONCE)
    if (names.length === 0) return sftp.status(id, STATUS_CODE.EOF)
    const entries = await Promise.all(
      names.map(async (filename) => {
        const stats = await files.lstat(join(own.folder, filename))
        return { filename, longname: longName(filename, stats), attrs: attributes(stats) }
      }),
    )
    return sftp.name(id, entries)
  })
  onChange('CLOSE', async (handle: Buffer) => {
    const own = opened.get(handle.readUInt32BE())
    opened.delete(handle.readUInt32BE())
    if (own !== undefined && !('names' in own)) await own.close()
  })
  onChange('SETSTAT', async (path: string, wanted: Wanted) => {
    const place = await tree.find(path)
    await change(wanted, {
      truncate: (size) => files.truncate(place, size),
      chmod: (mode) => files.chmod(place, mode),
      utimes: (atime, mtime) => files.utimes(place, atime, mtime),
    })
  })
  onChange('FSETSTAT', async (handle: Buffer, wanted: Wanted) => change(wanted, file(handle)))
  onChange('MKDIR', async (path: string, { mode = 0o755 }: Wanted) =>
    files.mkdir(await tree.findLink(path), { mode }),
  )
  onChange('RMDIR', async (path: string) => files.rmdir(await tree.findLink(path)))
  onChange('REMOVE', async (path: string) => files.unlink(await tree.findLink(path)))
  onChange('RENAME', async (from: string, to: string) => {
    const target = await tree.findLink(to)
    // Version 3 of the protocol replaces nothing.
    if (await files.lstat(target).catch(() => undefined)) throw new Error('File exists')
    await files.rename(await tree.findLink(from), target)
  })
  onChange('SYMLINK', async (link: string, target: string) =>
    files.symlink(target.startsWith('/') ? tree.placeOf(target) : target, await tree.findLink(link)),
  )
  sftp.on('end', () => {
    succeed(sftp)
    sftp.end()
  })
  sftp.on('error', () => sftp.end())
  sftp.on('close', () => {
    for (const own of opened.values()) if (!('names' in own)) void own.close().catch(() => {})
  })

  function keep(own: Opened): Buffer {
    handles += 1
    opened.set(handles, own)
    const handle = Buffer.alloc(4)
    handle.writeUInt32BE(handles)
    return handle
  }

  function file(handle: Buffer): files.FileHandle {
    const own = opened.get(handle.readUInt32BE())
    if (own === undefined || 'names' in own) throw new Error('Not an open file')
    return own
  }
}

/**
 * OpenSSH's `scp` fails without an exit code, even when all is copied. ssh2 has no public way to send one on this
 * kind of channel; this is what its other channels do.
 */
function succeed(sftp: ssh2.SFTPWrapper): void {
  const { _protocol: protocol, outgoing } = sftp as unknown as {
    readonly _protocol: { exitStatus(channel: number, code: number): void }
    readonly outgoing: { readonly id: number }
  }
  protocol.exitStatus(outgoing.id, 0)
}

/** The instance's disk as its user names it: `/` is the disk's root. The real paths that its shell shows mean the same. */
function treeOf(disk: Disk) {
  const shown = resolve(disk.home, '../..')
  const root = realpathSync(shown)

  const placeOf = (path: string) => {
    const absolute = resolve('/home/ec2-user', path)
    const known = [root, shown].find((each) => isIn(each, absolute)) ?? ''
    return join(root, absolute.slice(known.length))
  }
  const nameOf = (place: string) => {
    const known = [root, shown].find((each) => isIn(each, place))
    return known === undefined ? place : place.slice(known.length) || '/'
  }
  /** A path itself, be it a link or not there yet. */
  const findLink = async (path: string) => {
    const place = placeOf(path)
    return place === root ? root : within(join(await files.realpath(dirname(place)), basename(place)))
  }
  /** What a path leads to in the end. */
  const find = async (path: string) => {
    const place = await findLink(path)
    return within(await files.realpath(place).catch(() => place))
  }
  const within = (place: string) => {
    if (isIn(root, place)) return place
    throw failure('EACCES', 'Outside of the practice server')
  }
  return { placeOf, nameOf, findLink, find }
}

function isIn(root: string, place: string): boolean {
  return place === root || place.startsWith(`${root}/`)
}

type Changeable = Pick<files.FileHandle, 'truncate' | 'chmod' | 'utimes'>

async function change({ mode, size, uid, atime, mtime }: Wanted, target: Changeable): Promise<void> {
  // As for any user but root.
  if (uid !== undefined) throw failure('EPERM', 'Operation not permitted')
  if (size !== undefined) await target.truncate(size)
  if (mode !== undefined) await target.chmod(mode & 0o7777)
  if (atime !== undefined && mtime !== undefined) await target.utimes(atime, mtime)
}

function failure(code: string, text: string): Error {
  return Object.assign(new Error(text), { code })
}

function openFlags(flags: number): number {
  const both = (flags & OPEN_MODE.READ) !== 0 && (flags & OPEN_MODE.WRITE) !== 0
  const access = both ? constants.O_RDWR : flags & OPEN_MODE.WRITE ? constants.O_WRONLY : constants.O_RDONLY
  return (
    access |
    (flags & OPEN_MODE.APPEND ? constants.O_APPEND : 0) |
    (flags & OPEN_MODE.CREAT ? constants.O_CREAT : 0) |
    (flags & OPEN_MODE.TRUNC ? constants.O_TRUNC : 0) |
    (flags & OPEN_MODE.EXCL ? constants.O_EXCL : 0)
  )
}

function attributes({ mode, uid, gid, size, atimeMs, mtimeMs }: Stats): ssh2.Attributes {
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) }
}

/** A line as `ls -l` shows it. */
function longName(name: string, stats: Stats): string {
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-'
  const rights = [...'rwxrwxrwx'].map((right, index) => (stats.mode & (0o400 >> index) ? right : '-'))
  const [, day, month, , time = ''] = stats.mtime.toUTCString().split(' ')
  const size = String(stats.size).padStart(8)
  return `${kind}${rights.join('')} 1 ec2-user ec2-user ${size} ${month} ${day} ${time.slice(0, 5)} ${name}`
}

function codeOf({ code }: NodeJS.ErrnoException): number {
  if (code === 'ENOENT' || code === 'ENOTDIR') return STATUS_CODE.NO_SUCH_FILE
  if (code === 'EACCES' || code === 'EPERM') return STATUS_CODE.PERMISSION_DENIED
  return STATUS_CODE.FAILURE
}
