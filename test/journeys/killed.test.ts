import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../src/commands/cleanup.ts'
import { findPractice } from '../../src/practice/client.ts'
import type { FaultPlan } from '../../src/practice/faults.ts'
import type { CloudState } from '../../src/practice/state.ts'
import { newStudent, type Student } from './student.ts'

// All of them take more than an hour: FLASKLAB_KILLS=1 (or npm run test:kills) tries each, otherwise every so many.
const EVERY = Number(process.env['FLASKLAB_KILLS'] ?? 16)

let student: Student

beforeAll(async () => {
  student = await newStudent()
  await student.types(['practice', 'start'])
})

afterAll(() => student.leaves())

async function plan(faults: FaultPlan): Promise<void> {
  await (await findPractice(student.home))?.planFaults(faults)
}

const moments = async () => (await (await findPractice(student.home))?.moments()) ?? []

/** The moments of a command that nothing befalls. */
async function momentsOf(...words: string[]): Promise<readonly string[]> {
  await plan({})
  const { code, stdout, stderr } = await student.types(words)
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stdout}${stderr}`)
  return moments()
}

/** What there is in the account, but for what AWS gave with it. */
function account(): Readonly<Record<string, readonly string[]>> {
  const state = JSON.parse(readFileSync(join(student.home, 'practice', 'cloud.json'), 'utf8')) as CloudState
  const region = state.regions['us-west-2']
  if (region === undefined) throw new Error('There is no region.')
  return {
    servers: region.instances.filter((each) => each.state !== 'terminated').map(({ id }) => id),
    volumes: region.volumes.map(({ id }) => id),
    databases: region.databases.map(({ id }) => id),
    groups: region.groups.filter(({ name }) => name !== 'default').map(({ name }) => name),
    subnetGroups: region.subnetGroups.map(({ name }) => name),
    keys: region.keyPairs.map(({ name }) => name),
  }
}

const counts = () => Object.fromEntries(Object.entries(account()).map(([kind, all]) => [kind, all.length]))
const ONE_LAB = { servers: 1, volumes: 1, databases: 1, groups: 3, subnetGroups: 1, keys: 1 }
const NOTHING = { servers: 0, volumes: 0, databases: 0, groups: 0, subnetGroups: 0, keys: 0 }

interface KillPoint {
  readonly moment: number
  readonly when: 'before' | 'after'
}

/** Before the first, and after each: between two that follow each other there is nothing to lose. */
function killPoints(all: readonly string[]): KillPoint[] {
  const points: KillPoint[] = []
  for (const [index, what] of all.entries()) {
    const moment = index + 1
    if (index === 0 || !isReading(what)) points.push({ moment, when: 'before' })
    points.push({ moment, when: 'after' })
  }
  return points.filter((_, index) => index % EVERY === Math.floor(EVERY / 2))
}

const isReading = (what: string) => /^(Describe|Get|List)/.test(what)

async function cleanUp(): Promise<Receipt> {
  await plan({})
  const { stdout, stderr } = await student.types(['cleanup', '--yes', '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Receipt
}

describe('killed with kill -9 around any request and any remote command', () => {
  test('up, run again, completes with one of everything, and cleanup leaves nothing', {
    timeout: 7_200_000,
  }, async () => {
    const all = await momentsOf('up', '--practice', '--yes')
    await cleanUp()
    const points = killPoints(all)
    const failed: unknown[] = []
    for (const point of points) {
      await plan({ kill: point })
      const killed = await student.types(['up', '--practice', '--yes'])
      await plan({})
      const resumed = await student.types(['up', '--practice', '--yes'])
      const made = counts()
      const receipt = await cleanUp()
      const seen = { killed: killed.code, resumed: resumed.code, made, clean: receipt.clean, left: counts() }
      const wished = { killed: null, resumed: 0, made: ONE_LAB, clean: true, left: NOTHING }
      if (JSON.stringify(seen) !== JSON.stringify(wished))
        failed.push({ point, what: all[point.moment - 1], seen, said: resumed.stderr })
    }
    process.stderr.write(`up was killed at ${points.length} points of ${all.length} moments\n`)
    expect(failed).toEqual([])
  })

  test('cleanup, run again, leaves nothing', { timeout: 7_200_000 }, async () => {
    await momentsOf('up', '--practice', '--yes')
    const all = await momentsOf('cleanup', '--yes')
    const points = killPoints(all)
    const failed: unknown[] = []
    for (const point of points) {
      await momentsOf('up', '--practice', '--yes')
      await plan({ kill: point })
      const killed = await student.types(['cleanup', '--yes'])
      const receipt = await cleanUp()
      const seen = { killed: killed.code, clean: receipt.clean, left: counts() }
      if (JSON.stringify(seen) !== JSON.stringify({ killed: null, clean: true, left: NOTHING }))
        failed.push({ point, what: all[point.moment - 1], seen, receipt })
    }
    process.stderr.write(`cleanup was killed at ${points.length} points of ${all.length} moments\n`)
    expect(failed).toEqual([])
  })
})
