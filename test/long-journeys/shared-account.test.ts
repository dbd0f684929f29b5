import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../src/commands/receipt.ts'
import { findPractice } from '../../src/practice/client.ts'
import type { CloudState, Tags } from '../../src/practice/state.ts'
import { newStudent, type Run, type Student } from '../support/student.ts'

// Two students with keys of their own in one account, each with a lab that is called "lab".
let renee: Student
let karim: Student
let ups: readonly Run[]

beforeAll(async () => {
  renee = await newStudent()
  await renee.types(['practice', 'start'])
  karim = await newStudent()
  await letIn(karim, 'karim')
  ups = await Promise.all([renee, karim].map((each) => each.types(['up', '--practice', '--yes', '--json'])))
})

afterAll(async () => {
  await karim.leaves()
  await renee.leaves()
})

/** The same practice cloud, reached by another key. */
async function letIn(student: Student, name: string): Promise<void> {
  const { accessKeyId, secretAccessKey } = (await (await findPractice(renee.home))?.addUser(name)) ?? {}
  const service = JSON.parse(readFileSync(join(renee.home, 'practice/service.json'), 'utf8'))
  mkdirSync(join(student.home, 'practice'), { mode: 0o700 })
  const own = JSON.stringify({ ...service, accessKeyId, secretAccessKey })
  writeFileSync(join(student.home, 'practice/service.json'), own, { mode: 0o600 })
}

function region() {
  const state = JSON.parse(readFileSync(join(renee.home, 'practice/cloud.json'), 'utf8')) as CloudState
  const found = state.regions['us-west-2']
  if (found === undefined) throw new Error('There is no region.')
  return found
}

/** The number of each kind, by owner. */
function owned(): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const { instances, volumes, databases, groups, subnetGroups, keyPairs } = region()
  const all = {
    servers: instances.filter(({ state }) => state !== 'terminated'),
    volumes,
    databases,
    groups: groups.filter(({ name }) => name !== 'default'),
    subnetGroups,
    keyPairs,
  }
  const counts: Record<string, Record<string, number>> = {}
  for (const [kind, list] of Object.entries(all)) {
    for (const { tags } of list as readonly { tags: Tags }[]) {
      const owner = tags['flasklab:owner'] ?? 'nobody'
      counts[owner] = { ...counts[owner], [kind]: (counts[owner]?.[kind] ?? 0) + 1 }
    }
  }
  return counts
}

const LAB = { servers: 1, volumes: 1, databases: 1, groups: 3, subnetGroups: 1, keyPairs: 1 }

function idOf(student: Student): string {
  return JSON.parse(readFileSync(join(student.home, 'labs/lab/lab.json'), 'utf8')).owner
}

describe('two students who share an account', () => {
  test('build their labs at the same time, each with names and tags of its own', async () => {
    expect(ups.map(({ code }) => code)).toEqual([0, 0])
    expect(idOf(renee)).not.toBe(idOf(karim))
    expect(owned()).toEqual({ [idOf(renee)]: LAB, [idOf(karim)]: LAB })
    const { databases, groups } = region()
    expect(databases.map(({ id }) => id).toSorted()).toEqual(['flaskdb-instance', 'flaskdb-instance-lab'])
    const pairs = groups.map(({ name }) => name).filter((name) => /rds/.test(name))
    expect(pairs.toSorted()).toEqual(['ec2-rds-1', 'ec2-rds-2', 'rds-ec2-1', 'rds-ec2-2'])
  })

  test('leave a third one names, though her lab is called the same', async () => {
    const salma = await newStudent()
    await letIn(salma, 'salma')
    const { code, stdout } = await salma.types(['up', '--practice', '--yes', '--dry-run', '--json'])
    rmSync(salma.home, { recursive: true })
    expect({ code, plan: JSON.parse(stdout).plan }).toMatchObject({
      code: 0,
      plan: { database: expect.stringMatching(/^flaskdb-instance-lab-[0-9a-f]{10}$/) },
    })
  })

  test('clean up their own only: even one who has lost the record, and the other’s lab goes on', async () => {
    const his = idOf(karim)
    rmSync(join(renee.home, 'labs'), { recursive: true })
    const { code, stdout } = await renee.types(['cleanup', '--practice', '--yes', '--json'])
    const { left, clean } = JSON.parse(stdout) as Receipt
    expect({ code, left, clean, owned: owned() }).toEqual({
      code: 0,
      left: [],
      clean: true,
      owned: { [his]: LAB },
    })
    const doctor = await karim.types(['doctor', '--json'])
    expect(JSON.parse(doctor.stdout)).toMatchObject({ healthy: true, rootCauses: [] })
    const again = await renee.types(['cleanup', '--practice', '--yes', '--json'])
    expect(JSON.parse(again.stdout)).toEqual({ deleted: [], left: [], clean: true })
    expect((await karim.types(['cleanup', '--yes'])).code).toBe(0)
    expect(owned()).toEqual({})
  })
})
