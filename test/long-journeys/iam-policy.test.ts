import { afterAll, beforeAll, expect, test } from 'vitest'
import { iamPolicy } from '../../src/lab/iam-policy.ts'
import { databaseRule, newStudent, type Student } from '../support/student.ts'

let student: Student

beforeAll(async () => {
  student = await newStudent()
})

afterAll(() => student.leaves())

const WALK: readonly (readonly string[])[] = [
  ['up', '--practice', '--yes', '--dry-run'],
  ['up', '--practice', '--yes'],
  ['status'],
  ['cost'],
  ['test-login'],
  ['doctor'],
  ['up', '--yes', '--expires', '4h'],
  ['list'],
  ['cleanup', '--yes', '--dry-run'],
]

test('no command of a whole lab sends a request that the policy does not allow', async () => {
  const ended: unknown[] = []
  for (const words of WALK) ended.push([...words, (await student.types(words)).code])
  const { revoke } = await databaseRule(student)
  await revoke()
  const mended = await student.types(['doctor', '--fix', '--yes'])
  const cleanup = await student.types(['cleanup', '--yes'])
  expect([ended, mended.code, cleanup.code]).toEqual([WALK.map((words) => [...words, 0]), 0, 0])

  const sent = new Set((await student.requests()).map(({ service, action }) => `${service}:${action}`))
  const allowed = new Set(iamPolicy.Statement.flatMap(({ Action }) => Action))
  expect(sent.size).toBeGreaterThan(25)
  expect([...sent].filter((each) => !allowed.has(each))).toEqual([])
})

test('the command prints it, for the console or the aws command line to take', async () => {
  const { code, stdout, stderr } = await student.types(['iam-policy'])
  expect({ code, printed: JSON.parse(stdout), stderr }).toEqual({ code: 0, printed: iamPolicy, stderr: '' })
  expect(JSON.parse((await student.types(['iam-policy', '--json'])).stdout)).toEqual(iamPolicy)
})
