import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import type { DrillListing } from '../../src/commands/practice-drills.ts'
import { drills } from '../../src/practice/drills/all.ts'
import { has, newStudent, PROGRAM, type Run, runs, type Student } from './student.ts'

let student: Student

beforeAll(async () => {
  student = await newStudent()
  const folder = join(student.home, 'bin')
  mkdirSync(folder)
  symlinkSync(PROGRAM, join(folder, 'flasklab'))
  expect((await student.types(['up', '--practice', '--yes'])).code).toBe(0)
})

afterAll(() => student.leaves())

type Verdict = Diagnosis & { readonly code: number | null; readonly drill?: string; readonly ms: number }

async function examine(): Promise<Verdict> {
  const begun = Date.now()
  const { code, stdout, stderr } = await student.types(['doctor', '--json'])
  if (stdout === '') throw new Error(stderr)
  return { code, ms: Date.now() - begun, ...(JSON.parse(stdout) as Diagnosis) }
}

/** Fails with all that was said where a command does not end well. */
async function type(...words: string[]): Promise<Run> {
  const run = await student.types(words)
  if (run.code !== 0) throw new Error(`${words.join(' ')} ended with ${run.code}: ${run.stdout}${run.stderr}`)
  return run
}

/** The commands of a finding, as they are printed, in one shell. */
async function follow({ checks }: Diagnosis, cause: string): Promise<void> {
  const commands = checks.find(({ id }) => id === cause)?.finding?.remedy.run ?? []
  const { PATH = '' } = student.environment
  const environment = { ...student.environment, PATH: `${join(student.home, 'bin')}${delimiter}${PATH}` }
  const run = await runs('bash', ['-e', '-c', commands.join('\n')], environment, 120_000)
  if (run.code !== 0) throw new Error(`${commands.join('\n')}\nended with ${run.code}: ${run.stdout}${run.stderr}`)
}

// In one table, and each fault twice: every examination of one drill also shows that no other one is reported.
describe.skipIf(!has('aws'))('a drill', () => {
  test.each(drills.map(({ id, cause }) => [id, cause]))(
    '%s is found by the check %s, healed by its remedy, and by "practice solve"',
    async (id, cause) => {
      const before = (await student.requests()).length
      // It refuses a lab that is not healthy: what the drill before has left would show here.
      await type('practice', 'break', id)
      const planted = (await student.requests()).length
      const broken = await examine()
      const asked = (await student.requests()).slice(planted).map(({ action }) => action)
      expect(broken).toMatchObject({ code: 1, healthy: false, rootCauses: [cause], drill: 'planted' })
      expect(asked.filter((action) => !/^(Describe|Get)/.test(action))).toEqual([])
      expect(broken.ms).toBeLessThan(30_000)
      await follow(broken, cause)
      const mended = await examine()
      expect(mended).toMatchObject({ code: 0, healthy: true, rootCauses: [], drill: 'mended' })
      await type('practice', 'break', id)
      expect((await type('practice', 'solve', '--json')).stdout).toContain(`"cause": "${cause}"`)
      expect(before).toBeGreaterThan(0)
    },
  )

  test('leaves nothing behind once it is solved', async () => {
    expect(await examine()).toMatchObject({ code: 0, healthy: true, rootCauses: [] })
  })
})
