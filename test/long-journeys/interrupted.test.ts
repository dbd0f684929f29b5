import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CloudState } from '../../src/practice/state.ts'
import { newStudent, PROGRAM, runs, type Student } from '../support/student.ts'
import { until } from '../support/until.ts'

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
  expect(words(printed())).toContain(`server FlaskLoginServer (${instance?.id})`)
  expect(words(printed())).toContain('database (flaskdb-instance)')
  expect(words(printed())).toMatch(/security group rds-ec2-1 \(sg-\w+\)/)
  expect(words(printed())).toMatch(/key pair \(flasklab-lab-/)
  expect(words(printed())).toMatch(/subnet group \(flasklab-lab-/)
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

test('a reader that goes does not end the work: up builds all, and cleanup deletes all', async () => {
  const program = `"${process.execPath}" "${PROGRAM}"`
  const read = (words: string) =>
    runs('bash', ['-c', `${program} ${words} 2>&1 | head -1; exit $PIPESTATUS`], student.environment, 120_000)
  const up = await read('up --practice --yes')
  const { stdout } = await student.types(['status', '--json'])
  const cleanup = await read('cleanup --yes')
  expect([up.code, cleanup.code]).toEqual([0, 0])
  expect(JSON.parse(stdout)).toMatchObject({ database: { state: 'available' } })
  expect(living(student)).toEqual([])
  expect(regionOf(student)?.databases).toEqual([])
})

test('one of two ups at once on a new lab builds it, and the other is told who does', async () => {
  const [one, other] = await Promise.all([
    student.types(['up', '--practice', '--yes']),
    student.types(['up', '--practice', '--yes']),
  ])
  const [built, refused] = one.code === 0 ? [one, other] : [other, one]
  expect(built.code).toBe(0)
  expect(refused.code).toBe(1)
  expect(words(refused.stderr)).toMatch(/"flasklab up" is at work on the lab "lab" \(process \d+, since 20/)
  expect(living(student)).toHaveLength(1)
  expect(regionOf(student)?.databases).toHaveLength(1)
})

test('a practice cloud that is killed under up is named, and going on finds or makes all again', async () => {
  // However long the rest takes here, the database is still being created.
  await student.types(['practice', 'start'], { FLASKLAB_PRACTICE_PACE: '40' })
  const { pid } = await practice(student)
  const { child, printed } = begin(['up', '--practice', '--yes'])
  await until('the server is asked for', () => printed().includes('asked for i-'))
  process.kill(pid, 'SIGKILL')
  const [code] = await once(child, 'close')
  const resumed = await student.types(['up', '--yes'])
  expect({ code, said: words(printed()) }).toEqual({
    code: 1,
    said: expect.stringContaining('The practice cloud has stopped answering.'),
  })
  expect(resumed.code).toBe(0)
  expect(words(resumed.stderr)).toMatch(/failed while it was being created \(.+\): deleting it/)
  expect(regionOf(student)?.databases).toHaveLength(1)
  expect(living(student)).toHaveLength(1)
})

test('a practice cloud that was stopped comes back with the server, the site and the users', async () => {
  await student.findsLab()
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

function words(text: string): string {
  return text.replace(/\s+/g, ' ')
}

async function practice(of: Student): Promise<{ readonly pid: number }> {
  return JSON.parse((await of.types(['practice', 'status', '--json'])).stdout)
}

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
