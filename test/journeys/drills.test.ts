import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TestResult } from '../../src/commands/test-login.ts'
import { drills } from '../../src/drills/all.ts'
import type { Broken } from '../../src/drills/break.ts'
import type { DrillListing } from '../../src/drills/choose.ts'
import type { Hints } from '../../src/drills/hint.ts'
import type { Solved } from '../../src/drills/solve.ts'
import { prepareGround } from '../support/drill-ground.ts'

const { student, type, withFault } = prepareGround()

describe('practice break', () => {
  test('lists its faults by level, for instructors, and needs no lab for that', async () => {
    const { stdout } = await type('practice', 'break', '--list', '--lab', 'nowhere')
    const listed = JSON.parse((await type('practice', 'break', '--list', '--json')).stdout) as DrillListing[]
    expect(stdout.match(/^(easy|medium|hard):$/gm)).toEqual(['easy:', 'medium:', 'hard:'])
    expect(listed.map(({ id }) => id).sort()).toEqual(drills.map(({ id }) => id).sort())
    expect(listed.length).toBeGreaterThanOrEqual(25)
  })

  test('takes a name or a level that it does not know for wrong usage, and lists what there is', async () => {
    const name = await student().types(['practice', 'break', 'nonsense', '--json'])
    const level = await student().types(['practice', 'break', '--level', 'trivial'])
    const both = await student().types(['practice', 'break', 'key-readable', '--level', 'hard'])
    expect([name.code, level.code, both.code]).toEqual([2, 2, 2])
    expect(JSON.parse(name.stdout).error.why).toContain('easy: key-readable, ')
    expect(level.stderr).toContain('easy, medium, hard')
  })

  test('refuses a lab that is not whole, and names what is wrong with it', async () => {
    await withFault('mysql-client-removed', async () => {
      const { code, stderr } = await student().types(['practice', 'break'])
      expect(code).toBe(1)
      expect(stderr).toContain('The lab "lab" is not whole (mysql-client).')
    })
  })

  test('refuses a second drill, gives three hints, and says when solving what it was', async () => {
    const { stdout } = await type('practice', 'break', '--level', 'easy', '--json')
    const { symptom, ...broken } = JSON.parse(stdout) as Broken
    const drill = drills.find((each) => each.symptom === symptom)
    expect(broken).toEqual({ lab: 'lab', level: 'easy' })
    expect(drill?.level).toBe('easy')
    const second = await student().types(['practice', 'break'])
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('A drill is planted already') })
    const hints: Hints[] = []
    for (let call = 0; call < 4; call += 1)
      hints.push(JSON.parse((await type('practice', 'hint', '--json')).stdout) as Hints)
    expect(hints.map(({ left }) => left)).toEqual([2, 1, 0, 0])
    expect(hints.map((each) => each.hints)).toEqual([1, 2, 3, 3].map((count) => drill?.hints.slice(0, count)))
    const solved = JSON.parse((await type('practice', 'solve', '--json')).stdout) as Solved
    const { id, expectedCheck: cause, fault } = drill ?? {}
    expect(solved).toEqual({ lab: 'lab', id, cause, fault, whole: true })
    const none = await student().types(['practice', 'hint'])
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('No drill is planted.') })
  })

  test('gives its cause away neither in what it and the status say, nor in its file', async () => {
    const said = [
      (await type('practice', 'break', 'service-disabled')).stdout,
      (await type('practice', 'status', '--json')).stdout,
      readFileSync(join(student().home, 'practice', 'drill'), 'utf8'),
    ]
    await type('practice', 'solve')
    expect(said.join('\n')).not.toMatch(/service|disabled|systemctl/)
  })

  test('is told by test-login to be planted while it fails, and mended once the doctor agrees', async () => {
    await type('practice', 'break', 'table-dropped')
    const broken = await student().types(['test-login', '--json'])
    await type('up')
    const mended = await type('test-login')
    expect(JSON.parse(broken.stdout) as TestResult).toMatchObject({ passed: false, drill: 'planted' })
    expect(mended.stdout).toContain('The drill is mended.')
    expect((await type('test-login')).stdout).not.toContain('drill')
  })
})

test('practice laptop shows where the laptop is and moves it, but only to an address', async () => {
  const show = async (...flags: string[]) =>
    JSON.parse((await type('practice', 'laptop', '--json', ...flags)).stdout)
  const home = await show()
  expect(home).toEqual({ address: '203.0.113.7', clockOffsetSeconds: 0, credentials: 'valid' })
  expect(await show('--address', '203.0.113.9')).toEqual({ ...home, address: '203.0.113.9' })
  expect(await show('--address', home.address)).toEqual(home)
  const wrong = await student().types(['practice', 'laptop', '--address', 'the library'])
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Write an IPv4 address.') })
  expect((await student().types(['practice', 'laptop', '--address', '10.0.0.1'])).code).toBe(2)
})
