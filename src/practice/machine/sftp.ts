import { constants, type Stats } from 'node:fs'
import * as files from 'node:fs/promises'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import type { Disk } from './disk.ts'
import { treeOf } from './disk-tree.ts'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp
const LONGEST_READ = 262_144
const NAMES_AT_ONCE = 100

/** An open file, or an open folder's names that the client has not been told yet. */
type Opened = files.FileHandle | OpenFolder

interface OpenFolder {
  names: string[]
  readonly folder: string
}

/** Attributes as a client sends them: what it does not ask to change is absent. */
type Wanted = Partial<ssh2.Attributes>

/**
 * SFTP for one login, which today's `scp` speaks, too. It shows the instance's disk as if that were all there is:
 * `/home/ec2-user` is where it begins, and what links lead to outside is refused.
 */
export function serveSftp(sftp: ssh2.SFTPWrapper, disk: Disk): void {
  const handles = openHandles()
  const login: Login = { sftp, tree: treeOf(disk), handles, ...inTurn(sftp) }
  answerLooks(login)
  answerReads(login)
  answerWrites(login)
  answerChanges(login)
  sftp.on('end', () => {
    succeed(sftp)
    sftp.end()
  })
  sftp.on('error', () => sftp.end())
  sftp.on('close', () => handles.closeAll())
}

interface Login {
  readonly sftp: ssh2.SFTPWrapper
  readonly tree: ReturnType<typeof treeOf>
  readonly handles: ReturnType<typeof openHandles>
  on<Words extends unknown[]>(event: string, work: (id: number, ...words: Words) => Promise<unknown>): void
  /** For requests that are answered with success alone. */
  onChange<Words extends unknown[]>(event: string, work: (...words: Words) => Promise<unknown>): void
}

/** One after the other: OpenSSH cuts a file off behind the first answer that comes out of turn. */
function inTurn(sftp: ssh2.SFTPWrapper): Pick<Login, 'on' | 'onChange'> {
  let turn: Promise<unknown> = Promise.resolve()
  const on: Login['on'] = <Words extends unknown[]>(
    event: string,
    work: (id: number, ...words: Words) => Promise<unknown>,
  ) => {
    sftp.on(event, (id: number, ...words: Words) => {
      turn = turn
        .then(() => work(id, ...words))
        .catch((error: NodeJS.ErrnoException) => sftp.status(id, codeOf(error), error.message))
    })
  }
  return {
    on,
    onChange: <Words extends unknown[]>(event: string, work: (...words: Words) => Promise<unknown>) =>
      on<Words>(event, async (id, ...words) => {
        await work(...words)
        sftp.status(id, STATUS_CODE.OK)
      }),
  }
}

/** A client's open files and folders, by handle. */
function openHandles() {
  const opened = new Map<number, Opened>()
  let last = 0
  return {
    keep(own: Opened): Buffer {
      last += 1
      opened.set(last, own)
      const handle = Buffer.alloc(4)
      handle.writeUInt32BE(last)
      return handle
    },
    file(handle: Buffer): files.FileHandle {
      const own = opened.get(handle.readUInt32BE())
      if (own === undefined || 'names' in own) throw new Error('Not an open file')
      return own
    },
    folder(handle: Buffer): OpenFolder {
      const own = opened.get(handle.readUInt32BE())
      if (own === undefined || !('names' in own)) throw new Error('Not an open folder')
      return own
    },
    async close(handle: Buffer): Promise<void> {
      const own = opened.get(handle.readUInt32BE())
      opened.delete(handle.readUInt32BE())
      if (own !== undefined && !('names' in own)) await own.close()
    },
    closeAll(): void {
      for (const own of opened.values()) if (!('names' in own)) void own.close().catch(() => {})
    },
  }
}

function answerLooks({ sftp, tree, handles, on }: Login): void {
  const tell = (id: number, filename: string) =>
    sftp.name(id, [{ filename, longname: filename, attrs: {} as ssh2.Attributes }])
  on('REALPATH', async (id, path: string) => tell(id, tree.nameOf(await tree.find(path))))
  on('READLINK', async (id, path: string) =>
    tell(id, tree.nameOf(await files.readlink(await tree.findLink(path)))),
  )
  on('STAT', async (id, path: string) => sftp.attrs(id, attributes(await files.stat(await tree.find(path)))))
  on('LSTAT', async (id, path: string) =>
    sftp.attrs(id, attributes(await files.lstat(await tree.findLink(path)))),
  )
  on('FSTAT', async (id, handle: Buffer) => sftp.attrs(id, attributes(await handles.file(handle).stat())))
}

function answerReads({ sftp, tree, handles, on, onChange }: Login): void {
  on('OPEN', async (id, path: string, flags: number, { mode = 0o644 }: Wanted) => {
    // `find` has followed all links already: a link that is left leads nowhere, or elsewhere by now.
    const found = await files.open(await tree.find(path), openFlags(flags) | constants.O_NOFOLLOW, mode)
    sftp.handle(id, handles.keep(found))
  })
  on('READ', async (id, handle: Buffer, offset: number, length: number) => {
    const buffer = Buffer.allocUnsafe(Math.min(length, LONGEST_READ))
    const { bytesRead } = await handles.file(handle).read(buffer, 0, buffer.length, offset)
    if (bytesRead === 0) sftp.status(id, STATUS_CODE.EOF)
    else sftp.data(id, buffer.subarray(0, bytesRead))
  })
  on('OPENDIR', async (id, path: string) => {
    const folder = await tree.find(path)
    sftp.handle(id, handles.keep({ folder, names: ['.', '..', ...(await files.readdir(folder))] }))
  })
  on('READDIR', async (id, handle: Buffer) => {
    const own = handles.folder(handle)
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
  onChange('CLOSE', handles.close)
}

function answerWrites({ tree, handles, onChange }: Login): void {
  onChange('WRITE', async (handle: Buffer, offset: number, data: Buffer) => {
    const own = handles.file(handle)
    for (let done = 0; done < data.length; ) {
      done += (await own.write(data, done, data.length - done, offset + done)).bytesWritten
    }
  })
  onChange('SETSTAT', async (path: string, wanted: Wanted) => {
    const place = await tree.find(path)
    await change(wanted, {
      truncate: (size) => files.truncate(place, size),
      chmod: (mode) => files.chmod(place, mode),
      utimes: (atime, mtime) => files.utimes(place, atime, mtime),
    })
  })
  onChange('FSETSTAT', async (handle: Buffer, wanted: Wanted) => change(wanted, handles.file(handle)))
}

function answerChanges({ tree, onChange }: Login): void {
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
}

/**
 * OpenSSH's `scp` fails without an exit code, even when all is copied. ssh2 has no public way to send one on this
 * kind of channel; this is what its other channels do.
 */
function succeed(sftp: ssh2.SFTPWrapper): void {
  const { _protocol: protocol, outgoing } = sftp as ssh2.SFTPWrapper & {
    readonly _protocol: { exitStatus(channel: number, code: number): void }
    readonly outgoing: { readonly id: number }
  }
  protocol.exitStatus(outgoing.id, 0)
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
