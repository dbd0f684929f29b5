import { expect, test } from 'vitest'
import { table } from '../../src/terminal/table.ts'

const plain = { gap: 2, indent: 0, width: 30 }

test('a column is as wide as its longest cell, and nothing ends in blanks', () => {
  const rows = [
    ['id', 'what it is', ''],
    ['longer', 'x', ''],
  ]
  expect(table(rows, { ...plain, columns: [{}, {}] })).toEqual(['id      what it is', 'longer  x'])
})

test('numbers stand on the right', () => {
  const columns = [{ width: 6 }, { width: 5, align: 'right' as const }]
  expect(table([['sum', '$1']], { ...plain, columns, gap: 0, indent: 2 })).toEqual(['  sum      $1'])
})

test('a name that is too long has a line of its own where it would push the sums aside', () => {
  const columns = [{ width: 4, ownLine: true }, { width: 3 }]
  const rows = [
    ['abcd', 'x'],
    ['abcde', 'x'],
  ]
  expect(table(rows, { ...plain, columns, gap: 1, indent: 2 })).toEqual(['  abcd x', '  abcde\n       x'])
  expect(table(rows, { ...plain, columns, gap: 0 })).toEqual(['abcd\n    x', 'abcde\n    x'])
})

test('prose at the end is folded under its own beginning', () => {
  const rows = [['id', 'some words that do not fit into it']]
  expect(table(rows, { ...plain, columns: [{}], last: 'folded' })).toEqual([
    'id  some words that do not fit\n    into it',
  ])
})

test('a name at the end that does not fit goes below as a whole', () => {
  const layout = { ...plain, columns: [{ width: 20 }], last: { below: 4 } }
  expect(table([['i-1', '8 letter']], layout)).toEqual(['i-1                   8 letter'])
  expect(table([['i-1', '9 letters']], layout)).toEqual(['i-1\n    9 letters'])
})
