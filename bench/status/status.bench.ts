import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newStudent, type Student } from '../../test/support/student.ts'

const RUNS = 25

let student: Student

beforeAll(async () => {
  student = await newStudent()
  await student.findsLab()
})

afterAll(() => student.leaves())

test('a look at a finished lab takes at most ten times as long as bare Node.js takes to start', async () => {
  const looks: number[] = []
  const starts: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    // In turns, since a machine is not equally fast all the time.
    looks.push(await secondsOf(() => student.types(['status', '--quiet'])))
    starts.push(await secondsOf(() => spawnSync(process.execPath, ['-e', '0'])))
  }
  const ratio = median(looks) / median(starts)
  process.stdout.write(
    `status, ${RUNS} runs: median ${median(looks).toFixed(2)} s, bare node ${median(starts).toFixed(2)} s, ${ratio.toFixed(1)} times\n`,
  )
  expect(ratio).toBeLessThanOrEqual(10)
})

async function secondsOf(work: () => unknown): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
