import { expect, test } from 'vitest'
import type { Diagnosis } from '../../src/commands/doctor.ts'
import { findPractice } from '../../src/practice/client.ts'
import type { Limits } from '../../src/practice/state.ts'
import { ONE_LAB, prepareFaults } from '../faults/fault-ground.ts'

// Accounts as students have them.
const { student, plan, counts, cleanUp } = prepareFaults()

const limit = async (limits: Partial<Limits>) => (await findPractice(student().home))?.limit(limits)
const inOneLine = (text: string) => text.replace(/\s+/g, ' ')

test.each<[Partial<Limits>, string, string]>([
  [{ vcpus: 1 }, 'The account has no vCPUs left for a t3.micro, which needs 2, in', '0 of 1 vCPUs'],
  [{ databases: 0 }, 'The account may have no more databases in us-west-2.', '0 of 0 databases'],
])('a quota that is used up (%j) is found before anything is made', async (limits, what, why) => {
  await limit(limits)
  const run = await student().types(['up', '--practice', '--yes'])
  expect(run.code).toBe(1)
  expect(inOneLine(run.stderr)).toContain(what)
  expect(inOneLine(run.stderr)).toContain(why)
  const asked = (await student().requests()).map(({ action }) => action)
  expect(asked.filter((action) => !/^(Describe|Get)/.test(action))).toEqual([])
})

test('the doctor asks for quotas where something is still to be made', async () => {
  const quota = async () => {
    const nowhere = ['--practice', '--instance', 'i-00000000000000000', '--db', 'nothing']
    const { stdout } = await student().types(['doctor', '--json', ...nowhere])
    return (JSON.parse(stdout) as Diagnosis).checks.find(({ id }) => id === 'quota')
  }
  await limit({ vcpus: 1 })
  expect(await quota()).toMatchObject({
    status: 'fail',
    finding: { why: '0 of 1 vCPUs are in use.' },
  })
  await limit({})
  expect(await quota()).toMatchObject({ status: 'pass' })
})

test('an answer that may not be asked for is told to be unknown, and is no reason not to begin', async () => {
  await limit({})
  const actions = [
    'servicequotas:GetServiceQuota',
    'freetier:GetAccountPlanState',
    'rds:DescribeAccountAttributes',
  ]
  await plan({ requests: { actions, times: 1_000, how: 'unauthorized' } })
  const run = await student().types(['up', '--practice', '--yes', '--dry-run'])
  await plan({})
  expect(run.code).toBe(0)
  expect(inOneLine(run.stderr)).toContain(
    'Unknown, as these credentials may not ask: the account’s plan, the limit of vCPUs, the limit of databases.',
  )
})

test('the free plan of 2025 allows the lab, and up tells what is left of it', async () => {
  await limit({ plan: 'FREE' })
  const run = await student().types(['up', '--practice', '--yes'])
  expect({ code: run.code, made: counts() }).toEqual({ code: 0, made: ONE_LAB })
  expect(inOneLine(run.stderr)).toContain(
    'The account has AWS’s free plan, with $97.50 of credits left, until 2027-03-01: the lab is paid from the credits.',
  )
  expect((await cleanUp()).clean).toBe(true)
})
