import { availableParallelism, cpus } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import { newStudent, type Student } from '../../test/support/student.ts'

const RUNS = 100
const UNREACHABLE_RUNS = 5

let student: Student

beforeAll(async () => {
  student = await newStudent()
  await student.findsLab()
  print(`\n${cpus()[0]?.model}, ${availableParallelism()} at once, Node ${process.version}\n`)
})

afterAll(() => student.leaves())

const print = (line: string) => void process.stdout.write(`${line}\n`)

interface Examination {
  readonly seconds: number
  readonly requests: number
  readonly rootCauses: readonly string[]
  readonly findings: number
}

/** As a student runs it: with the start of the program, and of what it connects to. */
async function examine(): Promise<Examination> {
  const before = (await student.requests()).length
  const begun = performance.now()
  const { stdout, stderr } = await student.types(['doctor', '--json'])
  const seconds = (performance.now() - begun) / 1000
  if (stdout === '') throw new Error(stderr)
  const { rootCauses, checks } = JSON.parse(stdout) as Diagnosis
  return {
    seconds,
    requests: (await student.requests()).length - before,
    rootCauses,
    findings: checks.filter(({ finding }) => finding !== undefined).length,
  }
}

function report(
  what: string,
  all: readonly Examination[],
): { readonly median: number; readonly worst: number } {
  const seconds = all.map((each) => each.seconds).toSorted((a, b) => a - b)
  const at = (share: number) => seconds[Math.min(Math.floor(seconds.length * share), seconds.length - 1)] ?? 0
  const requests = Math.max(...all.map((each) => each.requests))
  print(
    `${what}, ${all.length} runs: median ${at(0.5).toFixed(2)} s, 95 % within ${at(0.95).toFixed(2)} s, longest ${at(1).toFixed(2)} s, at most ${requests} requests`,
  )
  return { median: at(0.5), worst: at(1) }
}

test('a healthy lab: nothing found, within two seconds, with at most 12 requests', async () => {
  const all: Examination[] = []
  for (let run = 0; run < RUNS; run += 1) all.push(await examine())
  const { median } = report('healthy', all)
  expect(all.filter(({ findings }) => findings > 0)).toEqual([])
  expect(Math.max(...all.map(({ requests }) => requests))).toBeLessThanOrEqual(12)
  expect(median).toBeLessThanOrEqual(2)
})

test('a server that nothing reaches: found within fifteen seconds', async () => {
  await student.types(['practice', 'break', 'route-lost'])
  const all: Examination[] = []
  for (let run = 0; run < UNREACHABLE_RUNS; run += 1) all.push(await examine())
  await student.types(['practice', 'solve'])
  const { worst } = report('unreachable', all)
  expect(all.map(({ rootCauses }) => rootCauses)).toEqual(all.map(() => ['internet-route']))
  expect(worst).toBeLessThanOrEqual(15)
})
