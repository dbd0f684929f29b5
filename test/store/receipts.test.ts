import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newRecord } from '../../src/store/new-record.ts'
import { readReceipt, retiredAs } from '../../src/store/receipts.ts'
import { keepRecord } from '../../src/store/record-keeper.ts'
import { tempFolder } from '../support/temp-folder.ts'

const record = newRecord('lab', 'aws', 'us-east-1', undefined)

test('the last receipt of a lab tells which one it was and whether all of it went, and is found by its id', () => {
  using home = tempFolder()
  const keeper = keepRecord(home.path, record)
  keeper.keepReceipt({ at: 'first', deleted: [] })
  expect(readReceipt(home.path, 'lab')).toMatchObject({ id: record.id, at: 'first', isClean: false })
  keeper.retire({ at: 'second', deleted: [{ kind: 'security-group', id: 'sg-1' }] })
  expect(readReceipt(home.path, 'lab')).toMatchObject({ id: record.id, at: 'second', isClean: true })
  expect(retiredAs(home.path, record.id)).toBe('lab')
  expect(retiredAs(home.path, '0123456789')).toBeUndefined()
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
