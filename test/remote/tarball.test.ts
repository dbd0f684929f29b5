import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packProject } from '../../src/remote/tarball.ts'
import { tempFolder } from '../support/temp-folder.ts'

const binary = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
const files = [
  { path: 'app.js', content: 'let a = 1\n' },
  { path: 'empty.txt', content: '' },
  { path: 'views/pages/Grüße 🚀.html', content: '<p>Grüße 🚀</p>' },
  { path: 'views/logo.png', content: binary },
  { path: `deep/${'folder/'.repeat(30)}end.txt`, content: 'far down' },
]

async function unpack(folder: string, umask: string): Promise<void> {
  const archive = await packProject(files)
  execFileSync('bash', ['-c', `umask ${umask} && tar -xzf - --no-same-owner -C "$0"`, folder], {
    input: archive,
  })
}

test('the real tar finds every file with its content', async () => {
  using folder = tempFolder()
  await unpack(folder.path, '022')
  for (const { path, content } of files)
    expect(readFileSync(join(folder.path, path)), path).toEqual(Buffer.from(content))
  const there = readdirSync(folder.path, { recursive: true, withFileTypes: true })
  expect(there.filter((entry) => entry.isFile())).toHaveLength(files.length)
})

test('modes are ours: 644 and 755, for the app’s user to read all and write nothing', async () => {
  using folder = tempFolder()
  mkdirSync(join(folder.path, 'out'))
  await unpack(join(folder.path, 'out'), '022')
  const modes = readdirSync(join(folder.path, 'out'), { recursive: true, withFileTypes: true }).map(
    (entry) => {
      const mode = (statSync(join(entry.parentPath, entry.name)).mode & 0o777).toString(8)
      return `${entry.isDirectory() ? 'folder' : 'file'} ${mode}`
    },
  )
  expect(new Set(modes)).toEqual(new Set(['folder 755', 'file 644']))
})

test('each folder comes once, before what is in it', async () => {
  const archive = await packProject(files.slice(0, 4))
  const list = execFileSync('tar', ['-tzf', '-', '--quoting-style=literal'], {
    input: archive,
    encoding: 'utf8',
  })
  expect(list.trimEnd().split('\n')).toEqual([
    'views/',
    'views/pages/',
    'app.js',
    'empty.txt',
    'views/pages/Grüße 🚀.html',
    'views/logo.png',
  ])
})

test('no files make an archive that tar accepts', async () => {
  expect(execFileSync('tar', ['-tzf', '-'], { input: await packProject([]), encoding: 'utf8' })).toBe('')
})
