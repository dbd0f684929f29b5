import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLabIndex } from '../../src/store/lab-index.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { tempFolder } from '../support/temp-folder.ts'

const record = newRecord('lab', 'aws', 'us-east-1', undefined)

test('a folder that no lab can have is passed over', () => {
  using home = tempFolder()
  keepRecord(home.path, record).save({})
  mkdirSync(join(home.path, 'labs', 'Old Labs'))
  writeFileSync(join(home.path, 'labs', 'Old Labs', 'lab.json'), '{}')
  expect(createLabIndex(home.path).names()).toEqual(['lab'])
})

test('labs are listed with the newest first, and what was cleaned up is none', () => {
  using home = tempFolder()
  const make = (name: string, madeAt: string) => {
    const keeper = keepRecord(
      home.path,
      { ...newRecord(name, 'aws', 'us-east-1', undefined), madeAt },
      { makesCurrent: true },
    )
    keeper.save({})
    return keeper
  }
  make('middle', '2026-02-01')
  const newest = make('newest', '2026-03-01')
  make('oldest', '2026-01-01')
  expect(createLabIndex(home.path).names()).toEqual(['newest', 'middle', 'oldest'])
  expect(newest.others()).toEqual(['middle', 'oldest'])
  newest.retire({ at: 'now', deleted: [] })
  expect(createLabIndex(home.path).names()).toEqual(['middle', 'oldest'])
})

test('a lab is known by its id, also when its record was written anew or its name went to another lab', () => {
  using home = tempFolder()
  const labs = createLabIndex(home.path)
  const first = newRecord('lab', 'aws', 'us-east-1', undefined)
  expect(labs.nameOf(first.id)).toBeUndefined()
  keepRecord(home.path, first).save({})
  expect(labs.nameOf(first.id)).toBe('lab')
  keepRecord(home.path, first).retire({ at: 'now', deleted: [] })
  const second = newRecord('lab', 'aws', 'us-east-1', undefined)
  keepRecord(home.path, second).save({})
  expect(labs.nameOf(first.id)).toBeUndefined()
  expect(labs.nameOf(second.id)).toBe('lab')
})

test('a record that was not written since is not read again', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, newRecord('lab', 'aws', 'us-east-1', undefined))
  keeper.save({})
  const labs = createLabIndex(home.path)
  expect(labs.names()).toEqual(['lab'])
  // Reading a record closes it to others: this one stays open.
  const path = join(home.path, 'labs', 'lab', 'lab.json')
  chmodSync(path, 0o644)
  expect(labs.names()).toEqual(['lab'])
  expect(statSync(path).mode & 0o777).toBe(0o644)
  keeper.save({})
  chmodSync(path, 0o644)
  labs.names()
  expect(statSync(path).mode & 0o777).toBe(0o600)
})
