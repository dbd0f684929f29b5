import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { readRecord } from '../../src/store/read-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
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

test('where there is no lab there is no record', () => {
  using home = tempFolder()
  expect(readRecord(home.path, 'lab')).toBeUndefined()
})

test('a record that others may read is closed to them by whoever reads it', () => {
  using home = tempFolder()
  const path = join(home.path, 'labs', 'lab', 'lab.json')
  keepRecord(home.path, record, { makesCurrent: true }).save({})
  chmodSync(path, 0o644)
  readRecord(home.path, 'lab')
  expect(modeOf(path)).toBe('600')
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
