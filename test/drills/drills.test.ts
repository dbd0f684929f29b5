import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checksInOrder } from '../../src/checks/in-order.ts'
import { drills } from '../../src/drills/all.ts'
import { claimPlanted, forgetPlanted, readPlanted, writePlanted } from '../../src/drills/planted.ts'
import { LEVELS } from '../../src/lab/exercise.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** The checks that nothing in the practice cloud can break. */
const UNBREAKABLE = [
  // The machine that runs this, not the lab.
  'node-version',
  // All regions of the practice cloud that can hold a lab stay enabled.
  'region',
  // AWS tells when something is made, not before.
  'account-plan',
  'quota',
  // The endpoint is localhost, which always resolves; the way to it is decided by what other checks look at.
  'db-dns',
  'db-port',
]

test('every check that can break is broken by a drill', () => {
  const causes = new Set(drills.map(({ expectedCheck }) => expectedCheck))
  const ids = checksInOrder.map(({ id }) => id)
  expect(ids.filter((id) => !causes.has(id)).toSorted()).toEqual(UNBREAKABLE.toSorted())
  expect([...causes].filter((cause) => !ids.includes(cause))).toEqual([])
})

test('there are drills of every level, each with a name and a symptom of its own', () => {
  expect(drills.length).toBeGreaterThanOrEqual(25)
  expect(new Set(drills.map(({ id }) => id)).size).toBe(drills.length)
  expect(new Set(drills.map(({ symptom }) => symptom)).size).toBe(drills.length)
  for (const level of LEVELS)
    expect(drills.filter((drill) => drill.level === level).length).toBeGreaterThan(5)
})

test('no symptom names the check that would find it', () => {
  expect(drills.filter(({ symptom, expectedCheck }) => symptom.includes(expectedCheck))).toEqual([])
})

const planted = {
  id: 'abc',
  whole: true,
  lab: 'lab',
  labId: '0123456789',
  drill: 'table-dropped',
  cause: 'db-schema',
  hints: 1,
  memo: { a: 'b' },
}

test('a planted drill is remembered, unreadable at a glance, and forgotten', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'practice'))
  writePlanted(home.path, planted)
  expect(readFileSync(join(home.path, 'practice', 'drill'), 'utf8')).not.toContain('table')
  expect(readPlanted(home.path)).toEqual(planted)
  forgetPlanted(home.path, planted)
  expect(readPlanted(home.path)).toBeUndefined()
})

test('whoever has looked at one drill does not forget the next', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'practice'))
  expect(claimPlanted(home.path, planted)).toBe(true)
  expect(claimPlanted(home.path, { ...planted, id: 'at the same time' })).toBe(false)
  forgetPlanted(home.path, planted)
  const next = { ...planted, id: 'second' }
  claimPlanted(home.path, next)
  forgetPlanted(home.path, planted)
  expect(readPlanted(home.path)).toEqual(next)
})
