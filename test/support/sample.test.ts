import { expect, test, vi } from 'vitest'
import { sampleOf } from './sample.ts'

test('turns that follow each other try each of a long list once', () => {
  const all = Array.from({ length: 52 }, (_, index) => index)
  const tried = Array.from({ length: 6 }, (_, turn) => {
    vi.stubEnv('FLASKLAB_TURN', String(1_200 + turn))
    return sampleOf(all, 6)
  })
  vi.unstubAllEnvs()
  expect(tried.flat().toSorted((one, other) => one - other)).toEqual(all)
  expect(Math.max(...tried.map(({ length }) => length))).toBe(9)
})
