import type { DescribeAccountAttributesCommandOutput } from '@aws-sdk/client-rds'
import type { Limits, RegionState } from './state.ts'
import { AwsError } from './wire/aws-error.ts'
import type { Call, Operation } from './wire/operation.ts'

/** The limits of an account for which a test has set no others. */
const USUAL: Limits = { plan: 'PAID', vcpus: 32, databases: 40 }

function limitsOf({ cloud }: Pick<Call, 'cloud'>): Limits {
  return { ...USUAL, ...cloud.state.limits }
}

/** AWS's own: more it does not allow to those who pay nothing. */
const FREE_PLAN_DATABASES = 2

export function refuseVcpus(asked: number, used: number, call: Call): void {
  const { vcpus } = limitsOf(call)
  if (used + asked <= vcpus) return
  const text = `You have requested more vCPU capacity than your current vCPU limit of ${vcpus} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`
  throw new AwsError('VcpuLimitExceeded', text)
}

export function refuseDatabase(retentionDays: number, call: Call): void {
  const { plan, databases } = limitsOf(call)
  const present = call.region.databases.length
  if (present >= databases) {
    throw new AwsError('InstanceQuotaExceeded', `Cannot create more than ${databases} DB instances`)
  }
  if (plan !== 'FREE') return
  if (present >= FREE_PLAN_DATABASES) {
    const text = `You've reached the maximum number of instances available with free plan accounts.`
    throw new AwsError('FreeTierRestrictionError', text)
  }
  if (retentionDays > 1) {
    const text = 'The specified backup retention period exceeds the maximum available to free tier customers.'
    throw new AwsError('FreeTierRestrictionError', text)
  }
}

export function describeAccountAttributes(
  _input: unknown,
  call: Call,
): Omit<DescribeAccountAttributesCommandOutput, '$metadata'> {
  const { databases, subnetGroups } = call.region
  const quota = (AccountQuotaName: string, Used: number, Max: number) => ({ AccountQuotaName, Used, Max })
  return {
    AccountQuotas: [
      quota('DBInstances', databases.length, limitsOf(call).databases),
      quota('DBSubnetGroups', subnetGroups.length, 50),
      quota('AllocatedStorage', storage(call.region), 100_000),
    ],
  }
}

function storage({ databases }: RegionState): number {
  return databases.reduce((sum, { storageGib }) => sum + storageGib, 0)
}

function getServiceQuota(input: unknown, call: Call): unknown {
  const { ServiceCode, QuotaCode } = input as Readonly<Record<string, unknown>>
  if (ServiceCode !== 'ec2' || QuotaCode !== 'L-1216C47A') {
    throw new AwsError('NoSuchResourceException', 'The request failed because the quota does not exist.')
  }
  const QuotaName = 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances'
  return { Quota: { ServiceCode, QuotaCode, QuotaName, Value: limitsOf(call).vcpus } }
}

function getAccountPlanState(_input: unknown, call: Call): unknown {
  const { plan } = limitsOf(call)
  const state = { accountId: call.cloud.state.account, accountPlanType: plan, accountPlanStatus: 'ACTIVE' }
  if (plan === 'PAID') return state
  return {
    ...state,
    accountPlanRemainingCredits: { amount: 97.5, unit: 'USD' },
    accountPlanExpirationDate: '2027-03-01T00:00:00Z',
  }
}

/** The installed SDK has no schema for these operations. */
function withoutSchema(name: string, run: Operation['run']): Operation {
  return { schema: [9, 'json', name, 0, 'unit', 'unit'], run }
}

export const quotaOperations = new Map([
  ['GetServiceQuota', withoutSchema('GetServiceQuota', getServiceQuota)],
])
export const freeTierOperations = new Map([
  ['GetAccountPlanState', withoutSchema('GetAccountPlanState', getAccountPlanState)],
])
