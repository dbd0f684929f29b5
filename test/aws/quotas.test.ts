import { describe, expect, test } from 'vitest'
import { checkPlan, checkQuotas } from '../../src/aws/quotas.ts'
import { type Finding, LabError } from '../../src/lab/finding.ts'
import type { Missing, PlanSeen } from '../../src/lab/ports/account.ts'
import { fields, openAws, refusal, type Script, set } from './scripted-aws.ts'

const server = (instanceType: string, more = '') =>
  set(
    'instancesSet',
    fields({ instanceId: 'i-1', instanceType }) +
      `<cpuOptions>${fields({ coreCount: 1, threadsPerCore: 2 })}</cpuOptions>${more}`,
  )

const servers = (...types: readonly string[]) => set('reservationSet', ...types.map((type) => server(type)))

const quotas = (databases: number, subnetGroups = 1) => {
  const quota = (AccountQuotaName: string, Used: number, Max: number) =>
    `<AccountQuota>${fields({ AccountQuotaName, Used, Max })}</AccountQuota>`
  return `<AccountQuotas>${quota('DBInstances', databases, 40)}${quota('DBSubnetGroups', subnetGroups, 50)}</AccountQuotas>`
}

const roomy: Script = {
  GetAccountPlanState: JSON.stringify({ accountPlanType: 'PAID', accountPlanStatus: 'ACTIVE' }),
  GetServiceQuota: JSON.stringify({ Quota: { Value: 5 } }),
  DescribeInstances: servers('t3.micro'),
  DescribeAccountAttributes: quotas(39, 49),
}

const ALL: Missing = { server: true, database: true }

async function check(
  script: Script,
  missing = ALL,
): Promise<{ readonly plan: PlanSeen; readonly unknown: readonly string[] }> {
  await using aws = await openAws(script)
  const plan = await checkPlan(aws.clients)
  return { plan, unknown: await checkQuotas(aws.clients, 'us-east-1', missing, plan) }
}

async function shortage(script: Script): Promise<Finding> {
  const error = await check({ ...roomy, ...script }).catch((thrown: unknown) => thrown)
  if (error instanceof LabError) return error.finding
  throw new Error('There was no finding.', { cause: error })
}

describe('an account with room', () => {
  test('has nothing to be told of', async () => {
    expect(await check(roomy)).toEqual({ plan: { free: undefined, unknown: [] }, unknown: [] })
  })

  test('is asked for its limits as AWS names them', async () => {
    await using aws = await openAws(roomy)
    await checkQuotas(aws.clients, 'us-east-1', ALL, await checkPlan(aws.clients))
    expect(aws.asked('GetServiceQuota')).toEqual([{ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' }])
    expect(aws.asked('GetAccountPlanState')).toEqual([{}])
    expect(aws.asked('DescribeInstances')).toEqual([
      {
        'Filter.1.Name': 'instance-state-name',
        'Filter.1.Value.1': 'pending',
        'Filter.1.Value.2': 'running',
      },
    ])
  })

  test('has credits and an end on the free plan, in whichever way AWS writes it', async () => {
    const state = { accountPlanType: 'FREE', accountPlanStatus: 'ACTIVE' }
    const plan = (accountPlanExpirationDate: unknown) =>
      JSON.stringify({ ...state, accountPlanRemainingCredits: { amount: 97.5 }, accountPlanExpirationDate })
    const ends = Date.parse('2027-03-01T00:00:00Z')
    for (const date of ['2027-03-01T00:00:00Z', ends / 1000]) {
      const script = { ...roomy, GetAccountPlanState: plan(date), DescribeAccountAttributes: quotas(1) }
      expect((await check(script)).plan.free).toEqual({ credits: 97.5, ends })
    }
    const bare = {
      ...roomy,
      GetAccountPlanState: JSON.stringify(state),
      DescribeAccountAttributes: quotas(1),
    }
    expect((await check(bare)).plan.free).toEqual({ credits: undefined, ends: undefined })
  })
})

describe('a lab of which a part is there', () => {
  const full: Script = {
    ...roomy,
    GetServiceQuota: JSON.stringify({ Quota: { Value: 2 } }),
    DescribeAccountAttributes: quotas(40, 50),
  }

  test('needs no room for its server again', async () => {
    const rest = { server: false, database: true }
    expect((await check({ ...full, DescribeAccountAttributes: quotas(39, 50) }, rest)).unknown).toEqual([])
    await expect(check(full, rest)).rejects.toThrow('The account may have no more databases')
  })

  test('needs no room for its database again', async () => {
    const rest = { server: true, database: false }
    await expect(check(full, rest)).rejects.toThrow('The account has no vCPUs left')
    expect((await check({ ...full, DescribeInstances: servers() }, rest)).unknown).toEqual([])
  })
})

describe('a limit that may not be asked for', () => {
  test('is unknown, and no failure', async () => {
    const denied = refusal('AccessDeniedException')
    const script = {
      GetAccountPlanState: denied,
      GetServiceQuota: denied,
      DescribeAccountAttributes: refusal('AccessDenied'),
    }
    expect(await check(script)).toEqual({
      plan: { free: undefined, unknown: ['the account’s plan'] },
      unknown: ['the limit of vCPUs', 'the limit of databases'],
    })
  })

  test('or is answered by something else than AWS is unknown, too', async () => {
    const { plan, unknown } = await check({ ...roomy, GetAccountPlanState: '<html>', GetServiceQuota: '{}' })
    expect([...plan.unknown, ...unknown]).toEqual(['the account’s plan', 'the limit of vCPUs'])
  })

  test('but credentials that have ended are a failure', async () => {
    const error = await check({ ...roomy, DescribeAccountAttributes: refusal('ExpiredToken') }).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ cause: { Code: 'ExpiredToken' } })
  })
})

describe('an account without room is told so before anything is made:', () => {
  test('vCPUs, of which other families and spot servers take none', async () => {
    const spot = set('instancesSet', fields({ instanceType: 't3.micro', instanceLifecycle: 'spot' }))
    const used = set('reservationSet', server('t3.micro'), server('m5.large'), server('g4dn.xlarge'), spot)
    expect(await shortage({ DescribeInstances: used })).toEqual({
      what: 'The account has no vCPUs left for a t3.micro, which needs 2, in us-east-1.',
      why: '4 of 5 vCPUs are in use.',
      remedy: {
        say: 'Delete what is no longer needed, ask for a higher quota, or build the lab in another region.',
        run: [
          'aws ec2 describe-instances --filters Name=instance-state-name,Values=pending,running --region us-east-1',
          'aws service-quotas get-service-quota --service-code ec2 --quota-code L-1216C47A --region us-east-1',
          'flasklab up --lab another-name --region us-west-2',
        ],
      },
    })
  })

  test('databases, and their subnet groups', async () => {
    expect(await shortage({ DescribeAccountAttributes: quotas(40) })).toMatchObject({
      what: 'The account may have no more databases in us-east-1.',
      why: '40 of 40 databases are in use.',
    })
    expect(await shortage({ DescribeAccountAttributes: quotas(0, 50) })).toMatchObject({
      what: 'The account may have no more DB subnet groups in us-east-1.',
      why: '50 of 50 DB subnet groups are in use.',
    })
  })

  test('the two databases of the free plan', async () => {
    const free = JSON.stringify({ accountPlanType: 'FREE', accountPlanStatus: 'ACTIVE' })
    expect(await shortage({ GetAccountPlanState: free, DescribeAccountAttributes: quotas(2) })).toMatchObject(
      {
        what: 'The account’s free plan does not allow this.',
        why: '2 of 2 databases are in use.',
      },
    )
  })

  test('a free plan that has ended', async () => {
    const ended = JSON.stringify({ accountPlanType: 'FREE', accountPlanStatus: 'EXPIRED' })
    expect((await shortage({ GetAccountPlanState: ended })).what).toBe('The account’s free plan has ended.')
  })
})
