import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CloudState } from '../../src/practice/state.ts'
import { until } from '../support/until.ts'
import { newStudent, type Student } from './student.ts'

let student: Student

beforeEach(async () => {
  student = await newStudent()
})

afterEach(() => student.leaves())

test('Ctrl-C ends up at once, says what exists, and up goes on with exactly that', async () => {
  const { child, printed } = begin(['up', '--practice', '--yes'])
  await until('phase 3 has begun', () => printed().includes('Phase 3 of 8'))
  const asked = Date.now()
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  const tookMs = Date.now() - asked
  const [instance] = living(student)
  const resumed = await student.types(['up', '--yes'])

  expect(code).toBe(130)
  expect(tookMs).toBeLessThan(1_000)
  expect(printed()).toContain('Interrupted.')
  expect(printed()).toContain(`(${instance?.id})`)
  expect(printed()).toContain('(flaskdb-instance)')
  expect(printed()).toMatch(/flasklab up\n\s+flasklab cleanup/)
  expect(resumed.code).toBe(0)
  expect(living(student).map((each) => each.id)).toEqual([instance?.id])
})

test('a killed up is taken up where it was, with one of everything', async () => {
  const { child, printed } = begin(['up', '--practice', '--yes'])
  await until('the server is asked for', () => printed().includes('asked for i-'))
  child.kill('SIGKILL')
  await once(child, 'close')
  const resumed = await student.types(['up', '--yes'])
  const region = regionOf(student)
  expect(resumed.code).toBe(0)
  expect(living(student)).toHaveLength(1)
  expect(region?.databases).toHaveLength(1)
  expect(region?.keyPairs).toHaveLength(1)
  expect(region?.groups.filter((group) => group.name !== 'default')).toHaveLength(3)
})

test('a practice cloud that was stopped comes back with the server, the site and the users', async () => {
  await student.types(['up', '--practice', '--yes'])
  const before = await student.status()
  const url = before.site?.url
  await fetch(`${url}/register`, {
    method: 'POST',
    body: new URLSearchParams({ uname: 'Grace', pwd: 'cobol' }),
  })
  await student.types(['practice', 'stop'])
  const after = await untilDone(student)
  const login = await fetch(`${url}/validate`, {
    method: 'POST',
    body: new URLSearchParams({ uname: 'Grace', pwd: 'cobol' }),
  })
  expect(after).toEqual(before)
  expect(await login.text()).toContain('Welcome, Grace!')
})

function begin(words: readonly string[]): { readonly child: ChildProcess; readonly printed: () => string } {
  const child = student.begins(words)
  let text = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return { child, printed: () => text }
}

/** The status once all phases are done again: a server that has just started needs a moment for its services. */
async function untilDone(of: Student) {
  let status = await of.status()
  await until('everything runs again', async () => {
    status = await of.status()
    return status.phases.every((phase) => phase.done)
  })
  return status
}

function regionOf(of: Student) {
  const state = JSON.parse(readFileSync(join(of.home, 'practice', 'cloud.json'), 'utf8')) as CloudState
  return state.regions['us-west-2']
}

function living(of: Student) {
  return regionOf(of)?.instances.filter((instance) => instance.state !== 'terminated') ?? []
}
