import { expect, test } from 'vitest'
import type { Evidence } from '../../../src/checks/evidence.ts'
import { checksInOrder } from '../../../src/checks/in-order.ts'
import { systemClock } from '../../../src/cli/system-clock.ts'
import { diagnose, rootCauses } from '../../../src/lab/check.ts'
import { LabError } from '../../../src/lab/finding.ts'
import type { Missing } from '../../../src/lab/ports/account.ts'

const IDS = ['region', 'account-plan', 'quota']
const credentials = {
  id: 'credentials',
  title: '',
  needs: [],
  examine: async () => ({ status: 'pass' }) as const,
}

/** An account in which there is so much of the lab. */
function anAccount(there: { readonly server?: object; readonly database?: object }) {
  const asked: unknown[] = []
  const cloud = {
    region: 'us-east-1',
    checkRegion: async () => void asked.push('region'),
    checkQuotas: async (missing: Missing) => {
      asked.push(missing)
      return ['the limit of vCPUs']
    },
  }
  const evidence = {
    kit: { cloud },
    server: async () => there.server,
    database: async () => there.database,
    plan: async () => ({ free: { credits: 97.5, ends: undefined }, unknown: [] }),
  }
  const examine = async (change: object = {}) => {
    const checks = [credentials, ...checksInOrder.filter(({ id }) => IDS.includes(id))]
    const limits = { eachMs: 1_000, allMs: 1_000 }
    const results = await diagnose(
      checks,
      { ...evidence, ...change } as unknown as Evidence,
      limits,
      systemClock,
    )
    return {
      results: Object.fromEntries(results.map(({ id, ...result }) => [id, result])),
      causes: rootCauses(results),
    }
  }
  return { asked, examine }
}

test('where the lab is, neither the region nor room is asked for', async () => {
  const { asked, examine } = anAccount({ server: {}, database: {} })
  const { results } = await examine()
  expect(results).toMatchObject({
    region: { status: 'pass', remark: 'us-east-1' },
    'account-plan': { status: 'pass', remark: 'yes, as server and database exist' },
    quota: { status: 'pass', remark: 'yes, as server and database exist' },
  })
  expect(asked).toEqual([])
})

test('room is asked for what is missing only, and what may not be asked is a remark', async () => {
  const { asked, examine } = anAccount({ server: {} })
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
  const { asked, examine } = anAccount({})
  const ended = new LabError({ what: 'The account’s free plan has ended.', remedy: { say: 'Upgrade.' } })
  const { results, causes } = await examine({ plan: () => Promise.reject(ended) })
  expect(asked).toEqual(['region'])
  expect(results).toMatchObject({
    'account-plan': { status: 'fail' },
    quota: { status: 'blocked', blockedBy: ['account-plan'] },
  })
  expect(causes).toEqual(['account-plan'])
})
