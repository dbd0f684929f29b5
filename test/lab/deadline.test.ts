import { expect, test } from 'vitest'
import { deadlineIn, deadlinePassed, readDeadline } from '../../src/lab/deadline.ts'

const NOW = Date.parse('2026-11-22T10:00:00.789Z')

test('a deadline is a moment in UTC, as tags hold it', () => {
  expect(deadlineIn(4 * 3_600_000, NOW)).toBe('2026-11-22T14:00:00Z')
})

test('a deadline that has passed is told, with what to do; one to come is not', () => {
  const name = 'lab'
  expect(deadlinePassed({ name, expires: '2026-11-22T09:59:59Z' }, NOW)).toMatchObject({
    what: 'The lab "lab" was to be gone by 2026-11-22T09:59:59Z.',
    remedy: { run: ['flasklab cleanup', 'flasklab up --expires 4h'] },
  })
  expect(deadlinePassed({ name, expires: '2026-11-22T10:00:01Z' }, NOW)).toBeUndefined()
  expect(deadlinePassed({ name }, NOW)).toBeUndefined()
})

test.each([
  ['2026-11-22T14:00:00Z', '2026-11-22T14:00:00.000Z'],
  ['2026-11-22T14:00:00.250Z', '2026-11-22T14:00:00.250Z'],
])('%s is a deadline', (text, moment) => {
  expect(readDeadline(text)).toBe(Date.parse(moment))
})

test.each([
  'keep until exam 12',
  '2026-11-23 10:00',
  '2026-11-23',
  '2026-11-23T10:00:00',
  '2026-11-23T10:00:00+02:00',
  '2026-02-30T10:00:00Z',
  '2026-13-01T10:00:00Z',
  '3000000000000',
  ' 2026-11-22T14:00:00Z',
  '',
])('%j is none, and nothing is deleted by it', (text) => {
  expect(readDeadline(text)).toBeUndefined()
  expect(deadlinePassed({ name: 'lab', expires: text }, Date.parse('2099-01-01T00:00:00Z'))).toBeUndefined()
})
