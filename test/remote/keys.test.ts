import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { expect, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import { createKeys } from '../../src/remote/keys.ts'
import { tempFolder } from '../support/temp-folder.ts'

test('the key is made once, and OpenSSH reads from it the public half that we tell', async () => {
  using folder = tempFolder()
  const keyFile = join(folder.path, 'labs', 'lab', 'key.pem')
  const first = await createKeys(keyFile, 'flasklab-lab').publicKey()
  expect(first).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]+ flasklab-lab$/)
  expect(
    execFileSync('ssh-keygen', ['-y', '-f', keyFile], { encoding: 'utf8' }).trim().split(' ').slice(0, 2),
  ).toEqual(first.split(' ').slice(0, 2))
  const text = readFileSync(keyFile, 'utf8')
  expect(await createKeys(keyFile, 'flasklab-lab').publicKey()).toBe(first)
  expect(readFileSync(keyFile, 'utf8')).toBe(text)
})

test('the private half is its owner’s alone, under any umask', async () => {
  using folder = tempFolder()
  const before = process.umask(0)
  try {
    await createKeys(join(folder.path, 'lab', 'key.pem'), 'c').publicKey()
  } finally {
    process.umask(before)
  }
  const modeOf = (...path: string[]) => (statSync(join(folder.path, ...path)).mode & 0o777).toString(8)
  expect([modeOf('lab'), modeOf('lab', 'key.pem')]).toEqual(['700', '600'])
  expect(readdirSync(join(folder.path, 'lab'))).toEqual(['key.pem'])
})

test('two labs have two keys', async () => {
  using folder = tempFolder()
  const [one, other] = ['one', 'other'].map((name) => createKeys(join(folder.path, name), 'c').publicKey())
  expect(await one).not.toBe(await other)
})

test('every one of 300 keys can be read, by ssh2 and, for a few, by OpenSSH', async () => {
  using folder = tempFolder()
  const unreadable: string[] = []
  for (let index = 0; index < 300; index++) {
    const keyFile = join(folder.path, `${index}.pem`)
    const line = await createKeys(keyFile, 'c').publicKey()
    const parsed = ssh2.utils.parseKey(readFileSync(keyFile, 'utf8'))
    if (parsed instanceof Error) unreadable.push(parsed.message)
    if (index % 30 === 0)
      expect(execFileSync('ssh-keygen', ['-y', '-f', keyFile], { encoding: 'utf8' })).toContain(
        line.split(' ')[1],
      )
  }
  expect(unreadable).toEqual([])
})

const PUBLIC_LINE = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJmyoePArHgBvqkXVAFJDRx13Rs7INpbADaaSFRJbZsp me\n'

test.each([
  ['', 'is empty.'],
  ['not a key\n', 'can’t be read.'],
  ['-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', 'can’t be read.'],
  [PUBLIC_LINE, 'can’t be read.'],
])('a key file that holds %j is a finding, and is not written over', async (text, wrong) => {
  using folder = tempFolder()
  const keyFile = join(folder.path, 'key.pem')
  writeFileSync(keyFile, text)
  const error = await createKeys(keyFile, 'c')
    .publicKey()
    .catch((thrown: unknown) => thrown)
  if (!(error instanceof LabError)) throw error
  expect(error.finding).toEqual({
    what: `The lab’s private key ${keyFile} ${wrong}`,
    why: expect.stringMatching(/Without it nobody can log in to the server, and AWS keeps no copy\.$/),
    remedy: {
      say: 'Put it back from a copy; the doctor tells how to go on without one.',
      run: ['flasklab doctor'],
    },
  })
  expect(readFileSync(keyFile, 'utf8')).toBe(text)
})

test('a folder in the place of the key is told as one', () => {
  using folder = tempFolder()
  expect(createKeys(folder.path, 'c').look()).toEqual({ kind: 'folder' })
})

test.each([
  ['with lines as on Windows', (text: string) => text.replaceAll('\n', '\r\n')],
  ['with a byte order mark', (text: string) => `\uFEFF${text}`],
  ['without its last line end', (text: string) => text.trimEnd()],
])('a key %s is one that OpenSSH refuses, until it is written again', async (_, change) => {
  using folder = tempFolder()
  const keyFile = join(folder.path, 'key.pem')
  const keys = createKeys(keyFile, 'c')
  const line = (await keys.publicKey()).split(' ')[1]
  const read = () => execFileSync('ssh-keygen', ['-y', '-f', keyFile], { encoding: 'utf8', stdio: 'pipe' })
  writeFileSync(keyFile, change(readFileSync(keyFile, 'utf8')))
  expect(read).toThrow('libcrypto')
  expect(keys.look()).toMatchObject({ kind: 'key', oddity: expect.any(String) })
  keys.rewrite()
  expect(read()).toContain(line)
  expect(keys.look()).not.toHaveProperty('oddity')
})
