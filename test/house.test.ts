import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { phasesInOrder } from '../src/phases/in-order.ts'
import { tempFolder } from './support/temp-folder.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

function filesIn(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/')),
  )
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

const sources = filesIn('src')
const code = sources.filter((path) => path.endsWith('.ts'))

test('there is a house to look at', () => {
  expect(code.length).toBeGreaterThan(50)
})

test('the phases are numbered 1 to 8, with ids and facts of their own, as their files are', () => {
  expect(phasesInOrder.map((phase) => phase.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(new Set(phasesInOrder.map((phase) => phase.fact)).size).toBe(8)
  const named = filesIn('src/phases').filter((path) => /\/\d-/.test(path))
  expect(phasesInOrder.map(({ number, id }) => `src/phases/${number}-${id}.ts`)).toEqual(named.toSorted())
})

test('every phase needs the network and facts of earlier phases only', () => {
  for (const [index, phase] of phasesInOrder.entries()) {
    const known = new Set<string>([
      'network',
      ...phasesInOrder.slice(0, index).map((earlier) => earlier.fact),
    ])
    expect(
      phase.needs.filter((need) => !known.has(need)),
      phase.id,
    ).toEqual([])
  }
})

// Two clouds, one code: whoever asks on which of them he is has broken that.
test('no room but its own knows of the practice cloud', () => {
  const doors = [
    'src/world.ts',
    'src/world/target.ts',
    'src/world/which-lab.ts',
    'src/main.ts',
    'src/cli/lab-commands.ts',
    'src/cli/account-commands.ts',
    'src/cli/practice-commands.ts',
    'src/session.ts',
    'src/failure.ts',
    'src/commands/practice.ts',
    'src/commands/practice-drills.ts',
    'src/commands/practice-verdict.ts',
    // The banner.
    'src/terminal/theme.ts',
  ]
  const rooms = sources.filter((path) => !path.startsWith('src/practice/') && !doors.includes(path))
  expect(rooms.filter((path) => /practice/i.test(read(path)))).toEqual([])
  expect(read('src/terminal/theme.ts').match(/practice/gi)?.length ?? 0).toBeLessThanOrEqual(4)
})

test('no source is taken from what was built', () => {
  const imports = /(?:from|import|import\()\s*['"][^'"]*\bdist\//
  expect([...code, ...filesIn('test')].filter((path) => imports.test(read(path)))).toEqual([])
})

test('every file has a name in kebab-case', () => {
  const all = [...sources, ...filesIn('test', 'bin', 'sql')]
  expect(all.filter((path) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+)*$/.test(basename(path)))).toEqual([])
})

test('nothing is printed past the terminal’s own voice', () => {
  // Within quotes it is a program for another process, which has no other voice.
  const withoutTexts = (text: string) => text.replace(/`[^`]*`|'[^'\n]*'/g, "''")
  const prints = /\bconsole\.(?:log|info|warn|error|debug|dir|table|trace)\b/
  expect(code.filter((path) => prints.test(withoutTexts(read(path))))).toEqual([])
})

test('the lock files name no registry, so that any mirror serves', () => {
  for (const path of ['package-lock.json', 'app-template/package-lock.json']) {
    const hosts = [...read(path).matchAll(/"resolved": "(?:git\+)?\w+:\/\/([^/"]+)/g)].map(
      (match) => match[1],
    )
    expect(hosts, path).toEqual([])
  }
})

function startOn(version: string): { readonly code: number | null; readonly said: string } {
  using folder = tempFolder()
  const disguise = join(folder.path, 'disguise.cjs')
  const versions = `{ ...process.versions, node: ${JSON.stringify(version)} }`
  writeFileSync(disguise, `Object.defineProperty(process, 'versions', { value: ${versions} })\n`)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--require', disguise, join(root, 'bin/flasklab.js'), '--version'],
    { encoding: 'utf8', env: { ...process.env, FLASKLAB_HOME: folder.path } },
  )
  return { code: status, said: stdout + stderr }
}

test.each(['12.22.0', '18.20.8', '20.18.3', '21.7.3', '22.12.0', '23.11.1'])(
  'Node %s is refused with words',
  (version) => {
    expect(startOn(version)).toEqual({
      code: 1,
      said: `flasklab needs Node.js 20.19, 22.13, or 24 and newer; this is ${version}.\nInstall a newer one from https://nodejs.org, then run it again.\n`,
    })
  },
)

test.each(['20.19.0', '22.13.0', '24.0.0'])('Node %s is accepted', (version) => {
  const { version: ours } = JSON.parse(read('package.json')) as { version: string }
  expect(startOn(version)).toEqual({ code: 0, said: `${ours}\n` })
})
