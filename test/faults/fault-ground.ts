import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Receipt } from '../../src/commands/receipt.ts'
import { findPractice } from '../../src/practice/client.ts'
import type { FaultPlan } from '../../src/practice/faults.ts'
import type { CloudState } from '../../src/practice/state.ts'
import { sampleOf } from '../support/sample.ts'
import { newStudent, type Student } from '../support/student.ts'

/** One fault in so many of a long list is tried; `npm run test:faults`, which takes hours, tries all. */
const EVERY = Number(process.env['FLASKLAB_FAULTS_EVERY'] ?? 16)
export const ALL_FAULTS = EVERY === 1

export const sample = <Item>(all: readonly Item[]): Item[] => sampleOf(all, EVERY)

/** Whether a moment is a request that changes nothing. */
export const isReading = (what: string) => /:(Describe|Get|List)/.test(what)

export const ONE_LAB = { servers: 1, volumes: 1, databases: 1, groups: 3, subnetGroups: 1, keys: 1 }
export const NOTHING = { servers: 0, volumes: 0, databases: 0, groups: 0, subnetGroups: 0, keys: 0 }

/** A student with a practice cloud in which things go wrong. */
export interface FaultGround {
  student(): Student
  plan(faults: FaultPlan): Promise<void>
  moments(): Promise<readonly string[]>
  /** The moments of a command that nothing befalls. */
  momentsOf(...words: string[]): Promise<readonly string[]>
  /** How much there is of each kind in the account, but for what AWS gave with it. */
  counts(): Readonly<Record<string, number>>
  /** Without any fault. */
  cleanUp(): Promise<Receipt>
}

export function prepareFaults(): FaultGround {
  let student: Student

  beforeAll(async () => {
    student = await newStudent({ pace: 'none' })
    await student.types(['practice', 'start'])
  })

  afterAll(() => student.leaves())

  // A plan that does not reach the cloud would let a fault pass for harmless.
  const cloud = async () => {
    const found = await findPractice(student.home)
    if (found === undefined) throw new Error('The practice cloud does not answer.')
    return found
  }
  const plan = async (faults: FaultPlan) => (await cloud()).planFaults(faults)
  const moments = async () => (await cloud()).moments()

  return {
    student: () => student,
    plan,
    moments,
    async momentsOf(...words) {
      await plan({})
      const { code, stdout, stderr } = await student.types(words)
      if (code !== 0) throw new Error(`${words.join(' ')}: ${stdout}${stderr}`)
      return moments()
    },
    counts() {
      const file = join(student.home, 'practice', 'cloud.json')
      const region = (JSON.parse(readFileSync(file, 'utf8')) as CloudState).regions['us-west-2']
      if (region === undefined) throw new Error('There is no region.')
      return {
        servers: region.instances.filter((each) => each.state !== 'terminated').length,
        volumes: region.volumes.length,
        databases: region.databases.length,
        groups: region.groups.filter(({ name }) => name !== 'default').length,
        subnetGroups: region.subnetGroups.length,
        keys: region.keyPairs.length,
      }
    },
    async cleanUp() {
      await plan({})
      const { stdout, stderr } = await student.types(['cleanup', '--yes', '--json'])
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout) as Receipt
    },
  }
}
