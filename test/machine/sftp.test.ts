import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Disk } from '../../src/practice/machine/disk.ts'
import { type SshServer, startSshServer } from '../../src/practice/machine/ssh-server.ts'
import {
  addGroup,
  addInstance,
  type DataPlane,
  diskOf,
  LAPTOP,
  makeDataPlane,
  rule,
} from '../support/data-plane.ts'
import { until } from '../support/until.ts'

let plane: DataPlane
let disk: Disk
let server: SshServer
let port: number
let keyFile: string
const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })

beforeAll(async () => {
  plane = makeDataPlane()
  const group = addGroup(plane, [rule('ingress', 22, `${LAPTOP}/32`)])
  const instance = addInstance(plane, { groupIds: [group.id] })
  disk = diskOf(plane, instance)
  server = await startSshServer(
    disk,
    disk.hostKeys(),
    () => key.public,
    () => Promise.reject(),
  )
  port = await plane.gateway.open(instance.id, 22)
  keyFile = join(plane.home, 'key.pem')
  writeFileSync(keyFile, key.private, { mode: 0o600 })
  writeFileSync(join(plane.home, 'known'), `[127.0.0.1]:${port} ${disk.hostKeys()[0]?.publicLine}\n`)
})
afterAll(async () => {
  server.close()
  await plane.remove()
})
beforeEach(() => {
  for (const name of readdirSync(disk.home)) rmSync(join(disk.home, name), { recursive: true })
})

/** A client whose calls are promises: `await call('mkdir', 'folder')`. */
async function connect() {
  const client = new ssh2.Client()
  onTestFinished(() => void client.destroy())
  client.connect({ host: '127.0.0.1', port, username: 'ec2-user', privateKey: key.private })
  // As OpenSSH does; else each request waits 40 ms for the acknowledgement of another.
  client.setNoDelay()
  await once(client, 'ready')
  const sftp = await promisify(client.sftp.bind(client))()
  const call = async (name: keyof ssh2.SFTPWrapper, ...words: unknown[]): Promise<unknown> =>
    promisify((sftp[name] as (...all: unknown[]) => void).bind(sftp))(...(words as []))
  return { client, call }
}
const login = async () => (await connect()).call
const at = (...names: string[]) => join(disk.home, ...names)

describe("a login by ssh2's client", () => {
  test('begins in the home folder, whose path is that of any EC2 server', async () => {
    const call = await login()
    expect(await call('realpath', '.')).toBe('/home/ec2-user')
    expect(await call('realpath', '')).toBe('/home/ec2-user')
    expect(await call('realpath', 'a/../b')).toBe('/home/ec2-user/b')
    expect(await call('realpath', '/')).toBe('/')
    expect(await call('realpath', disk.home)).toBe('/home/ec2-user')
  })

  test.each(['file', '/home/ec2-user/file', './file'])(
    'writes and reads a file as %s, whole',
    async (name) => {
      const call = await login()
      const bytes = randomBytes(3_000_000)
      await call('writeFile', name, bytes)
      expect(readFileSync(at('file')).equals(bytes)).toBe(true)
      expect(bytes.equals((await call('readFile', name)) as Buffer)).toBe(true)
    },
  )

  test('adds to a file, and begins one only where there is none', async () => {
    const call = await login()
    await call('writeFile', 'file', 'one')
    await call('appendFile', 'file', ' two')
    await expect(call('writeFile', 'file', 'three', { flag: 'wx' })).rejects.toThrow('EEXIST')
    expect(readFileSync(at('file'), 'utf8')).toBe('one two')
  })

  test('tells what a file is, and changes it', async () => {
    const call = await login()
    writeFileSync(at('file'), '12345')
    await call('chmod', 'file', 0o640)
    await call('utimes', 'file', 1_000, 2_000)
    await call('setstat', 'file', { size: 3 })
    expect(await call('stat', 'file')).toMatchObject({ mode: 0o100640, size: 3 })
    await call('utimes', 'file', 1_000, 2_000)
    expect(await call('stat', 'file')).toMatchObject({ atime: 1_000, mtime: 2_000 })
    await expect(call('chown', 'file', 0, 0)).rejects.toThrow('Operation not permitted')
  })

  test('makes, lists, renames and removes', async () => {
    const call = await login()
    await call('mkdir', 'folder')
    for (let number = 0; number < 250; number += 1) writeFileSync(at('folder', `f${number}`), '')
    const entries = (await call('readdir', 'folder')) as ssh2.FileEntry[]
    expect(entries.length).toBe(250)
    expect(entries.find((each) => each.filename === 'f7')?.longname).toMatch(
      /^-rw-r--r-- 1 ec2-user ec2-user {8}0 \w{3} \d\d \d\d:\d\d f7$/,
    )
    await expect(call('rmdir', 'folder')).rejects.toThrow('ENOTEMPTY')
    await call('rename', 'folder/f7', 'moved')
    await expect(call('rename', 'moved', 'folder/f8')).rejects.toThrow('File exists')
    await call('unlink', 'moved')
    expect(existsSync(at('moved'))).toBe(false)
    await expect(call('stat', 'moved')).rejects.toMatchObject({ code: 2 })
    rmSync(at('folder'), { recursive: true })
    await call('mkdir', 'empty')
    await call('rmdir', 'empty')
    expect(readdirSync(disk.home)).toEqual([])
  })

  test('makes links and reads them', async () => {
    const call = await login()
    writeFileSync(at('file'), 'linked')
    await call('symlink', 'file', 'relative')
    await call('symlink', '/home/ec2-user/file', 'absolute')
    expect(await call('readlink', 'relative')).toBe('file')
    expect(await call('readlink', 'absolute')).toBe('/home/ec2-user/file')
    expect(readlinkSync(at('relative'))).toBe('file')
    expect(readFileSync(at('absolute'), 'utf8')).toBe('linked')
    expect(await call('lstat', 'relative')).toMatchObject({ mode: expect.any(Number), size: 4 })
    expect(String(await call('readFile', 'absolute'))).toBe('linked')
    await call('unlink', 'relative')
    expect(readFileSync(at('file'), 'utf8')).toBe('linked')
  })

  test('sees nothing but the disk of the server', async () => {
    const call = await login()
    const secret = join(plane.home, 'secret')
    writeFileSync(secret, 'of the laptop')
    symlinkSync(secret, at('out'))
    symlinkSync(join(plane.home, 'new'), at('nowhere'))
    symlinkSync(plane.home, at('folder'))
    await expect(call('readFile', secret)).rejects.toMatchObject({ code: 2 })
    await expect(call('readFile', '../../../../../../secret')).rejects.toMatchObject({ code: 2 })
    for (const name of ['out', 'folder/secret']) {
      await expect(call('readFile', name)).rejects.toMatchObject({ code: 3 })
      await expect(call('writeFile', name, 'x')).rejects.toMatchObject({ code: 3 })
    }
    await expect(call('unlink', 'folder/secret')).rejects.toMatchObject({ code: 3 })
    await expect(call('readdir', 'folder')).rejects.toMatchObject({ code: 3 })
    await expect(call('writeFile', 'nowhere', 'x')).rejects.toThrow('ELOOP')
    expect(readFileSync(secret, 'utf8')).toBe('of the laptop')
    expect(existsSync(join(plane.home, 'new'))).toBe(false)
  })

  test.skipIf(process.platform !== 'linux')(
    'leaves no file open that it closes, nor when it is lost',
    async () => {
      writeFileSync(at('file'), '')
      const open = () => readdirSync('/proc/self/fd').filter((fd) => leadsTo(fd, at('file'))).length
      const { client, call } = await connect()
      const handle = await call('open', 'file', 'r')
      await call('open', 'file', 'r')
      expect(open()).toBe(2)
      await call('close', handle)
      expect(open()).toBe(1)
      await expect(call('fstat', handle)).rejects.toThrow('Not an open file')
      client.destroy()
      // Node would close it at its next garbage collection.
      await until('it is closed', () => open() === 0, 1_500)
    },
  )
})

function leadsTo(fd: string, file: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === file
  } catch {
    return false
  }
}

const has = (program: string) => spawnSync('which', [program]).status === 0

describe.skipIf(!has('scp') || !has('sftp'))("OpenSSH's own clients", () => {
  const options = () => [
    ...['-F', 'none', '-i', keyFile, '-P', String(port), '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
    ...['-o', `UserKnownHostsFile=${join(plane.home, 'known')}`],
  ]
  const run = (program: string, ...words: string[]) =>
    promisify(execFile)(program, [...options(), ...words], { timeout: 20_000 })
  const remote = (path: string) => `ec2-user@127.0.0.1:${path}`

  function makeTree(folder: string): void {
    mkdirSync(join(folder, 'templates/deep'), { recursive: true })
    writeFileSync(join(folder, 'app.js'), randomBytes(200_000), { mode: 0o750 })
    writeFileSync(join(folder, 'templates/deep/a b ü.html'), 'page')
    writeFileSync(join(folder, 'empty'), '')
  }
  const listing = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .sort()
      .map((name) => {
        const stats = statSync(join(folder, name))
        return [name, stats.mode & 0o777, stats.isFile() ? readFileSync(join(folder, name), 'base64') : '']
      })

  test.each(['', '.', '~/', '/home/ec2-user/', 'other-name'])(
    'scp copies a file to %j and back',
    async (to) => {
      const [there, back] = [join(plane.home, 'there'), join(plane.home, 'back')]
      const bytes = randomBytes(1_000_000)
      writeFileSync(there, bytes)
      const name = to === 'other-name' ? to : 'there'
      await run('scp', '-q', there, remote(to))
      expect(readFileSync(at(name)).equals(bytes)).toBe(true)
      await run('scp', '-q', remote(name), back)
      expect(readFileSync(back).equals(bytes)).toBe(true)
    },
  )

  test('scp copies folders both ways, with rights and times', async () => {
    const [there, back] = [join(plane.home, 'tree'), join(plane.home, 'tree-back')]
    onTestFinished(() => {
      for (const folder of [there, back]) rmSync(folder, { recursive: true, force: true })
    })
    makeTree(there)
    await run('scp', '-q', '-r', '-p', there, remote(''))
    expect(listing(at('tree'))).toEqual(listing(there))
    expect(Math.floor(statSync(at('tree/app.js')).mtimeMs / 1000)).toBe(
      Math.floor(statSync(join(there, 'app.js')).mtimeMs / 1000),
    )
    await run('scp', '-q', '-r', '-p', remote('tree'), back)
    expect(listing(back)).toEqual(listing(there))
  })

  test('scp says what is not there', async () => {
    await expect(run('scp', '-q', remote('nothing'), plane.home)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No such file or directory'),
    })
  })

  test('sftp does what its commands say', async () => {
    const [there, batch] = [join(plane.home, 'tree'), join(plane.home, 'batch')]
    onTestFinished(() => rmSync(there, { recursive: true, force: true }))
    makeTree(there)
    const commands = [
      'pwd',
      'mkdir folder',
      'cd folder',
      `put -r ${there} .`,
      'rename tree/empty tree/full',
      'ln -s tree/app.js link',
      'rm tree/templates/deep/*',
      'rmdir tree/templates/deep',
      'chmod 600 tree/full',
      `get link ${there}/got`,
      'ls -l',
      'ls tree',
    ]
    writeFileSync(batch, commands.join('\n'))
    const { stdout } = await run('sftp', '-q', '-b', batch, 'ec2-user@127.0.0.1')
    expect(stdout).toContain('Remote working directory: /home/ec2-user\n')
    expect(stdout).toMatch(/lrwxrwxrwx .* ec2-user ec2-user .* link\n/)
    expect(stdout).toMatch(/tree\/app\.js\s+tree\/full\s+tree\/templates/)
    expect(lstatSync(at('folder/link')).isSymbolicLink()).toBe(true)
    expect(readlinkSync(at('folder/link'))).toBe('tree/app.js')
    expect(statSync(at('folder/tree/full')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(there, 'got'), 'base64')).toBe(readFileSync(join(there, 'app.js'), 'base64'))
    expect(existsSync(at('folder/tree/templates/deep'))).toBe(false)
  })
})
