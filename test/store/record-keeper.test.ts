import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCurrent } from '../../src/store/current-lab.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { readRecord } from '../../src/store/read-record.ts'
import { readCleanedUp, readReceipt } from '../../src/store/receipts.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { tempFolder } from '../support/temp-folder.ts'

const record = newRecord('lab', 'aws', 'us-east-1', undefined)

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

test('nothing is written before something is saved', () => {
  using home = tempFolder()
  expect(keepRecord(home.path, record).isSaved).toBe(false)
  expect(readdirSync(home.path)).toEqual([])
})

test('a saved change is read back, and seen by whoever holds the keeper', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
  keeper.save({ account: '123456789012' })
  keeper.save({ passwords: { master: 'm', app: 'a' } })
  const expected = { ...record, account: '123456789012', passwords: { master: 'm', app: 'a' } }
  expect(keeper.value).toEqual(expected)
  expect(keeper.isSaved).toBe(true)
  expect(readRecord(home.path, 'lab')).toEqual(expected)
})

test('a field saved as undefined is forgotten', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
  keeper.save({ launch: { token: 't', subnetId: 's', encrypted: true } })
  keeper.save({ launch: undefined })
  expect(readRecord(home.path, 'lab')).toEqual(record)
})

test('the record is its owner’s alone: file 0600, folders 0700, under any umask', () => {
  using home = tempFolder()
  const before = process.umask(0)
  try {
    keepRecord(join(home.path, 'new'), record, { makesCurrent: true }).save({})
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

test('a record is replaced whole: whoever has the old one open goes on reading the old one', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
  keeper.save({})
  const path = join(home.path, 'labs', 'lab', 'lab.json')
  const inode = statSync(path).ino
  keeper.save({ account: '1' })
  expect(statSync(path).ino).not.toBe(inode)
  expect(readdirSync(join(home.path, 'labs', 'lab'))).toEqual(['lab.json'])
})

test('a lab that retires leaves its receipt and nothing else', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
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
  const keeper = keepRecord(home.path, record)
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
  const keeper = keepRecord(home.path, record)
  keeper.save({})
  keeper.keepReceipt({ at: 'first', deleted: [], asked: [SERVER, DATABASE] })
  keeper.keepReceipt({ at: 'second', deleted: [], left: [DATABASE] })
  keeper.retire({ at: 'third', deleted: [DATABASE] })
  const receipt = readFileSync(join(home.path, 'labs', 'lab', 'cleaned-up.json'), 'utf8')
  expect(JSON.parse(receipt)).toMatchObject({ at: 'third', deleted: [SERVER, DATABASE] })
})

test('the deletions of several cleanups are in one receipt at the end', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
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

test('a lab that is built anew has nothing to do with what was left of another one of its name', () => {
  using home = tempFolder()
  keepRecord(home.path, record).keepReceipt({ at: 'first', deleted: [] })
  keepRecord(home.path, newRecord('lab', 'aws', 'us-east-1', undefined)).save({})
  expect(readReceipt(home.path, 'lab')).toBeUndefined()
})

test('the files of a lab may lie in a folder that is not called after it', () => {
  using home = tempFolder()
  keepRecord(home.path, record, { makesCurrent: true }).save({})
  keepRecord(home.path, { ...newRecord('newer', 'aws', 'us-east-1', undefined), madeAt: '2099' }).save({})
  const folder = join(home.path, 'labs', 'lost-0a1b2c3d4e')
  const lost = keepRecord(home.path, record, { folder })
  lost.retire({ at: 'now', deleted: [SERVER] })
  expect(readdirSync(folder)).toEqual(['cleaned-up.json'])
  // The lab of that name that is here stays, and current.
  expect(readCurrent(home.path)).toBe('lab')
  expect(readRecord(home.path, 'lab')?.id).toBe(record.id)
})

test('a lab that never was leaves nothing', () => {
  using home = tempFolder()
  expect(keepRecord(home.path, record).retire({ at: 'now', deleted: [] })).toEqual([])
  expect(readdirSync(home.path)).toEqual([])
  expect(readCleanedUp(home.path, 'lab')).toBeUndefined()
})

test('a lab that is built again is no longer cleaned up', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
  keeper.save({})
  keeper.retire({ at: 'first', deleted: [] })
  keepRecord(home.path, newRecord('lab', 'aws', 'us-east-1', undefined)).save({})
  expect(readCleanedUp(home.path, 'lab')).toBeUndefined()
})
