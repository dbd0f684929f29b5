import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import {
  keepRecord,
  labFolder,
  labsIn,
  newRecord,
  readCleanedUp,
  readCurrent,
  readReceipt,
  readRecord,
  retiredAs,
} from '../../src/store/record-keeper.ts'
import { tempFolder } from '../support/temp-folder.ts'

const NOT_OF_THIS_LAB = 'It is not the record of this lab'
const record = newRecord('lab', 'aws', 'us-east-1', undefined)

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

function write(home: string, text: string): string {
  mkdirSync(join(home, 'labs', 'lab'), { recursive: true })
  const path = join(home, 'labs', 'lab', 'lab.json')
  writeFileSync(path, text)
  return path
}

function findingOf(work: () => unknown): LabError['finding'] {
  try {
    work()
  } catch (error) {
    if (error instanceof LabError) return error.finding
    throw error
  }
  throw new Error('There was no finding.')
}

test('a new record has an id of its own and opens the site to everyone', () => {
  expect(newRecord('lab', 'aws', 'eu-central-1', 'school')).toEqual({
    version: 1,
    id: expect.stringMatching(/^[0-9a-f]{10}$/),
    name: 'lab',
    target: 'aws',
    region: 'eu-central-1',
    profile: 'school',
    madeAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    allowFrom: '0.0.0.0/0',
    hostKeys: {},
  })
  expect(newRecord('lab', 'aws', 'us-east-1', undefined)).not.toHaveProperty('profile')
  expect(newRecord('lab', 'aws', 'us-east-1', undefined).id).not.toBe(record.id)
})

test('where there is no lab there is no record', () => {
  using home = tempFolder()
  expect(readRecord(home.path, 'lab')).toBeUndefined()
})

test('nothing is written before something is saved', () => {
  using home = tempFolder()
  expect(keepRecord(home.path, record, false).isSaved).toBe(false)
  expect(readdirSync(home.path)).toEqual([])
})

test('a saved change is read back, and seen by whoever holds the keeper', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({ account: '123456789012' })
  keeper.save({ passwords: { master: 'm', app: 'a' } })
  const expected = { ...record, account: '123456789012', passwords: { master: 'm', app: 'a' } }
  expect(keeper.value).toEqual(expected)
  expect(keeper.isSaved).toBe(true)
  expect(readRecord(home.path, 'lab')).toEqual(expected)
})

test('a field saved as undefined is forgotten', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({ launch: { token: 't', subnetId: 's', encrypted: true } })
  keeper.save({ launch: undefined })
  expect(readRecord(home.path, 'lab')).toEqual(record)
})

test('the record is its owner’s alone: file 0600, folders 0700, under any umask', () => {
  using home = tempFolder()
  const before = process.umask(0)
  try {
    keepRecord(join(home.path, 'new'), record, true).save({})
  } finally {
    process.umask(before)
  }
  const folder = join(home.path, 'new', 'labs', 'lab')
  expect({
    home: modeOf(join(home.path, 'new')),
    labs: modeOf(join(home.path, 'new', 'labs')),
    folder: modeOf(folder),
    record: modeOf(join(folder, 'lab.json')),
  }).toEqual({ home: '700', labs: '700', folder: '700', record: '600' })
})

test('a record that others may read is closed to them by whoever reads it', () => {
  using home = tempFolder()
  const path = join(home.path, 'labs', 'lab', 'lab.json')
  keepRecord(home.path, record, true).save({})
  chmodSync(path, 0o644)
  readRecord(home.path, 'lab')
  expect(modeOf(path)).toBe('600')
})

test('a record is replaced whole: whoever has the old one open goes on reading the old one', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({})
  const path = join(home.path, 'labs', 'lab', 'lab.json')
  const inode = statSync(path).ino
  keeper.save({ account: '1' })
  expect(statSync(path).ino).not.toBe(inode)
  expect(readdirSync(join(home.path, 'labs', 'lab'))).toEqual(['lab.json'])
})

test.each([
  ['half a file', JSON.stringify(record).slice(0, 40), 'It is not JSON'],
  ['an empty file', '', 'It is not JSON'],
  ['null', 'null', NOT_OF_THIS_LAB],
  ['a list', '[]', NOT_OF_THIS_LAB],
  ['the record of another lab', JSON.stringify({ ...record, name: 'other' }), NOT_OF_THIS_LAB],
  ['a record without an id', JSON.stringify({ ...record, id: undefined }), NOT_OF_THIS_LAB],
  ['an id that means all', JSON.stringify({ ...record, id: '*' }), NOT_OF_THIS_LAB],
  ['an empty id', JSON.stringify({ ...record, id: '' }), NOT_OF_THIS_LAB],
  ['a record without a region', JSON.stringify({ ...record, region: 7 }), NOT_OF_THIS_LAB],
  ['a region that is no host name', JSON.stringify({ ...record, region: 'evil.org/' }), NOT_OF_THIS_LAB],
  ['half of the passwords', JSON.stringify({ ...record, passwords: { app: 'a' } }), NOT_OF_THIS_LAB],
  ['host keys that are no lists', JSON.stringify({ ...record, hostKeys: { 'i-1': 'key' } }), NOT_OF_THIS_LAB],
  ['a record without keys', JSON.stringify({ ...record, hostKeys: null }), NOT_OF_THIS_LAB],
])('%s is a finding that says how to go on', (_, text, why) => {
  using home = tempFolder()
  const path = write(home.path, text)
  expect(findingOf(() => readRecord(home.path, 'lab'))).toEqual({
    what: `The record of the lab "lab" can’t be read: ${path}.`,
    why: `${why}. The lab’s resources on AWS are not lost: they are found by their tags.`,
    remedy: {
      say: 'Put the file right; or move it away, clean up by the lab’s name (with the flag for its cloud, if it was built with one), and build the lab anew.',
      run: [`mv ${path} ${path}.broken`, 'flasklab cleanup --lab lab'],
    },
  })
})

test('a record that the system does not let us read is a finding, not a lab that is new', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'labs', 'lab', 'lab.json'), { recursive: true })
  expect(findingOf(() => readRecord(home.path, 'lab')).why).toMatch(/^EISDIR/)
  symlinkSync('loop', join(home.path, 'labs', 'loop'))
  expect(findingOf(() => readRecord(home.path, 'loop')).why).toMatch(/^ELOOP/)
})

test('the record of a newer flasklab is left alone', () => {
  using home = tempFolder()
  const path = write(home.path, JSON.stringify({ version: 2, lab: { name: 'lab' } }))
  expect(findingOf(() => readRecord(home.path, 'lab'))).toEqual({
    what: `The record of the lab "lab" is of a newer flasklab: ${path}.`,
    why: 'This one could misread it, and would write over what it does not know.',
    remedy: { say: 'Use the flasklab that made it.' },
  })
})

test('a lab that retires leaves its receipt and nothing else', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({ passwords: { master: 'm', app: 'a' } })
  writeFileSync(keeper.keyFile, 'key')
  writeFileSync(keeper.knownHostsFile, 'hosts')
  const folder = join(home.path, 'labs', 'lab')
  const at = '2026-11-22T10:00:00.000Z'
  expect(keeper.retire({ at, deleted: [] }).toSorted()).toEqual([
    join(folder, 'key.pem'),
    join(folder, 'known_hosts'),
    join(folder, 'lab.json'),
  ])
  expect(readdirSync(folder)).toEqual(['cleaned-up.json'])
  expect(JSON.parse(readFileSync(join(folder, 'cleaned-up.json'), 'utf8'))).toEqual({
    lab: 'lab',
    id: record.id,
    target: 'aws',
    region: 'us-east-1',
    at,
    deleted: [],
  })
  expect(modeOf(join(folder, 'cleaned-up.json'))).toBe('600')
  expect(readRecord(home.path, 'lab')).toBeUndefined()
  expect(readCleanedUp(home.path, 'lab')?.at).toBe(at)
})

test('a second cleanup, which finds nothing, keeps the receipt of the first', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({})
  keeper.retire({ at: 'first', deleted: [] })
  expect(keeper.retire({ at: 'second', deleted: [] })).toEqual([])
  expect(readCleanedUp(home.path, 'lab')?.at).toBe('first')
})

const SERVER = { kind: 'server', id: 'i-1' }
const GROUP = { kind: 'security-group', id: 'sg-1' }
const DATABASE = { kind: 'database', id: 'db' }

test('a resource that an unfinished cleanup asked for counts as deleted, unless the next cleanup finds it', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({})
  keeper.keepReceipt({ at: 'first', deleted: [], asked: [SERVER, DATABASE] })
  keeper.keepReceipt({ at: 'second', deleted: [], left: [DATABASE] })
  keeper.retire({ at: 'third', deleted: [DATABASE] })
  const receipt = readFileSync(join(home.path, 'labs', 'lab', 'cleaned-up.json'), 'utf8')
  expect(JSON.parse(receipt)).toMatchObject({ at: 'third', deleted: [SERVER, DATABASE] })
})

test('the deletions of several cleanups are in one receipt at the end', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({})
  const folder = join(home.path, 'labs', 'lab')
  const left = [{ kind: 'security-group', id: 'sg-1', why: 'it is held' }]
  const first = { at: 'first', deleted: [SERVER], left }
  const file = keeper.keepReceipt(first)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ at: 'first', deleted: [SERVER], left })
  expect(keeper.files()).toEqual([join(folder, 'lab.json')])
  keeper.retire({ at: 'second', deleted: [GROUP] })
  expect(readdirSync(folder)).toEqual(['cleaned-up.json'])
  expect(JSON.parse(readFileSync(join(folder, 'cleaned-up.json'), 'utf8'))).toMatchObject({
    at: 'second',
    deleted: [SERVER, GROUP],
  })
})

test('the last receipt of a lab tells which one it was and whether all of it went, and is found by its id', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.keepReceipt({ at: 'first', deleted: [] })
  expect(readReceipt(home.path, 'lab')).toMatchObject({ id: record.id, at: 'first', isClean: false })
  keeper.retire({ at: 'second', deleted: [GROUP] })
  expect(readReceipt(home.path, 'lab')).toMatchObject({ id: record.id, at: 'second', isClean: true })
  expect(retiredAs(home.path, record.id)).toBe('lab')
  expect(retiredAs(home.path, '0123456789')).toBeUndefined()
})

test('a lab that is built anew has nothing to do with what was left of another one of its name', () => {
  using home = tempFolder()
  keepRecord(home.path, record, false).keepReceipt({ at: 'first', deleted: [] })
  keepRecord(home.path, newRecord('lab', 'aws', 'us-east-1', undefined), false).save({})
  expect(readReceipt(home.path, 'lab')).toBeUndefined()
})

test.each([
  ['that is half written', '{"at": "now", '],
  ['of null', 'null'],
  ['whose id means all', JSON.stringify({ id: '*', at: 'now', target: 'aws', region: 'us-east-1' })],
  [
    'whose region is no host name',
    JSON.stringify({ id: '0a1b2c3d4e', at: 'now', target: 'aws', region: 'x/' }),
  ],
])('a receipt %s is none', (_, text) => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'labs', 'lab'), { recursive: true })
  writeFileSync(join(home.path, 'labs', 'lab', 'cleaned-up.json'), text)
  expect(readReceipt(home.path, 'lab')).toBeUndefined()
})

test('the files of a lab may lie in a folder that is not called after it', () => {
  using home = tempFolder()
  keepRecord(home.path, record, true).save({})
  keepRecord(home.path, { ...newRecord('newer', 'aws', 'us-east-1', undefined), madeAt: '2099' }, false).save(
    {},
  )
  const folder = join(home.path, 'labs', 'lost-0a1b2c3d4e')
  const lost = keepRecord(home.path, record, false, undefined, folder)
  lost.retire({ at: 'now', deleted: [SERVER] })
  expect(readdirSync(folder)).toEqual(['cleaned-up.json'])
  // The lab of that name that is here stays, and current.
  expect(readCurrent(home.path)).toBe('lab')
  expect(readRecord(home.path, 'lab')?.id).toBe(record.id)
})

test.each(['', '..', 'lost-/../../../victim', 'a/b', 'lab/..', '/tmp', 'No Name'])(
  'no lab that is called %j has a folder',
  (name) => {
    expect(() => labFolder('/home', name)).toThrow('A folder for a lab called')
    expect(() => keepRecord('/home', { ...record, name }, false)).toThrow()
  },
)

test('a folder that no lab can have is passed over', () => {
  using home = tempFolder()
  keepRecord(home.path, record, false).save({})
  mkdirSync(join(home.path, 'labs', 'Old Labs'))
  writeFileSync(join(home.path, 'labs', 'Old Labs', 'lab.json'), '{}')
  expect(labsIn(home.path)).toEqual(['lab'])
})

test('a lab that never was leaves nothing', () => {
  using home = tempFolder()
  expect(keepRecord(home.path, record, false).retire({ at: 'now', deleted: [] })).toEqual([])
  expect(readdirSync(home.path)).toEqual([])
  expect(readCleanedUp(home.path, 'lab')).toBeUndefined()
})

test('a lab that is built again is no longer cleaned up', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record, false)
  keeper.save({})
  keeper.retire({ at: 'first', deleted: [] })
  keepRecord(home.path, newRecord('lab', 'aws', 'us-east-1', undefined), false).save({})
  expect(readCleanedUp(home.path, 'lab')).toBeUndefined()
})

test('labs are listed with the newest first, and what was cleaned up is none', () => {
  using home = tempFolder()
  const make = (name: string, madeAt: string) => {
    const keeper = keepRecord(home.path, { ...newRecord(name, 'aws', 'us-east-1', undefined), madeAt }, true)
    keeper.save({})
    return keeper
  }
  make('middle', '2026-02-01')
  const newest = make('newest', '2026-03-01')
  make('oldest', '2026-01-01')
  expect(labsIn(home.path)).toEqual(['newest', 'middle', 'oldest'])
  expect(newest.others()).toEqual(['middle', 'oldest'])
  newest.retire({ at: 'now', deleted: [] })
  expect(labsIn(home.path)).toEqual(['middle', 'oldest'])
})

test('when the current lab is cleaned up, the newest of the others is current; the last one leaves none', () => {
  using home = tempFolder()
  const first = keepRecord(home.path, newRecord('first', 'aws', 'us-east-1', undefined), true)
  const second = keepRecord(home.path, newRecord('second', 'aws', 'us-east-1', undefined), true)
  first.save({})
  second.save({})
  expect(readCurrent(home.path)).toBe('second')
  second.retire({ at: 'now', deleted: [] })
  expect(readCurrent(home.path)).toBe('first')
  first.retire({ at: 'now', deleted: [] })
  expect(readCurrent(home.path)).toBeUndefined()
})

test('a damaged note of the current lab names none', () => {
  using home = tempFolder()
  for (const text of ['', '../../x', 'lab\n\nx', 'No Name']) {
    writeFileSync(join(home.path, 'current'), text)
    expect(readCurrent(home.path)).toBeUndefined()
  }
})

test('cleaning up a lab that is not the current one leaves the current one', () => {
  using home = tempFolder()
  const first = keepRecord(home.path, newRecord('first', 'aws', 'us-east-1', undefined), true)
  first.save({})
  keepRecord(home.path, newRecord('second', 'aws', 'us-east-1', undefined), true).save({})
  first.retire({ at: 'now', deleted: [] })
  expect(readCurrent(home.path)).toBe('second')
})
