import { expect, test } from 'vitest'
import { deadlineIn, deadlinePassed } from '../../src/lab/deadline.ts'

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
