import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCurrent } from '../../src/store/current-lab.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { tempFolder } from '../support/temp-folder.ts'

test('when the current lab is cleaned up, the newest of the others is current; the last one leaves none', () => {
  using home = tempFolder()
  const first = keepRecord(home.path, newRecord('first', 'aws', 'us-east-1', undefined), {
    makesCurrent: true,
  })
  const second = keepRecord(home.path, newRecord('second', 'aws', 'us-east-1', undefined), {
    makesCurrent: true,
  })
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
  const first = keepRecord(home.path, newRecord('first', 'aws', 'us-east-1', undefined), {
    makesCurrent: true,
  })
  first.save({})
  keepRecord(home.path, newRecord('second', 'aws', 'us-east-1', undefined), { makesCurrent: true }).save({})
  first.retire({ at: 'now', deleted: [] })
  expect(readCurrent(home.path)).toBe('second')
})
