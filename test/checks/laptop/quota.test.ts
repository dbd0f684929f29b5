import { expect, test } from 'vitest'
import { accountLooks } from '../../../src/checks/evidence/account.ts'
import { cloudLooks } from '../../../src/checks/evidence/cloud.ts'
import { accountPlan } from '../../../src/checks/laptop/account-plan.ts'
import { quota } from '../../../src/checks/laptop/quota.ts'
import { region } from '../../../src/checks/laptop/region.ts'
import { systemClock } from '../../../src/cli/system-clock.ts'
import { type Check, diagnose, rootCauses } from '../../../src/lab/check.ts'
import { LabError } from '../../../src/lab/finding.ts'
import type { Cloud } from '../../../src/lab/ports/cloud.ts'
import { fakeWorld } from '../../phases/fake-kit.ts'
import { fakeEvidence } from '../fake-evidence.ts'

const credentials = {
  id: 'credentials',
  title: '',
  needs: [],
  examine: async () => ({ status: 'pass' }) as const,
}

interface Account {
  readonly server?: boolean
  readonly database?: boolean
  readonly checkPlan?: Cloud['checkPlan']
}

/** An account in which there is so much of the lab. */
function anAccount({ server, database, checkPlan }: Account) {
  const asked: unknown[] = []
  const examine = async () => {
    const [its, theirs] = [await fakeEvidence({}).server(), await fakeEvidence({}).database()]
    using world = fakeWorld({
      findServer: async () => (server ? its : undefined),
      findDatabase: async () => (database ? theirs : undefined),
      checkRegion: async () => void asked.push('region'),
      checkPlan: checkPlan ?? (async () => ({ free: { credits: 97.5, ends: undefined }, unknown: [] })),
      checkQuotas: async (missing) => {
        asked.push(missing)
        return ['the limit of vCPUs']
      },
    })
    const { kit } = world
    const cloud = cloudLooks(kit, kit.cloud)
    const evidence = { ...fakeEvidence({}), ...cloud, ...accountLooks(kit, kit.cloud, cloud) }
    const checks: readonly Check<typeof evidence>[] = [credentials, region, accountPlan, quota]
    const results = await diagnose(checks, evidence, { eachMs: 1_000, allMs: 1_000 }, systemClock)
    return {
      results: Object.fromEntries(results.map(({ id, ...result }) => [id, result])),
      causes: rootCauses(results),
    }
  }
  return { asked, examine }
}

test('where the lab is, neither the region nor room is asked for', async () => {
  const { asked, examine } = anAccount({ server: true, database: true })
  const { results } = await examine()
  expect(results).toMatchObject({
    region: { status: 'pass', remark: 'us-east-1' },
    'account-plan': { status: 'pass', remark: 'yes, as server and database exist' },
    quota: { status: 'pass', remark: 'yes, as server and database exist' },
  })
  expect(asked).toEqual([])
})

test('room is asked for what is missing only, and what may not be asked is a remark', async () => {
  const { asked, examine } = anAccount({ server: true })
  const { results } = await examine()
  expect(asked).toEqual([{ server: false, database: true }])
  expect(results).toMatchObject({
    'account-plan': {
      status: 'pass',
      remark: expect.stringContaining('free plan, with $97.50 of credits left'),
    },
    quota: { status: 'pass', remark: 'these credentials may not ask: the limit of vCPUs' },
  })
})

test('where nothing is, the region is asked for, and a plan that has ended is the one cause', async () => {
  const ended = new LabError({ what: 'The account’s free plan has ended.', remedy: { say: 'Upgrade.' } })
  const { asked, examine } = anAccount({ checkPlan: () => Promise.reject(ended) })
  const { results, causes } = await examine()
  expect(asked).toEqual(['region'])
  expect(results).toMatchObject({
    'account-plan': { status: 'fail' },
    quota: { status: 'blocked', blockedBy: ['account-plan'] },
  })
  expect(causes).toEqual(['account-plan'])
})
