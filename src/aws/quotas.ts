import { LabError } from '../lab/finding.ts'
import { handout } from '../lab/lab.ts'
import type { Missing, PlanSeen } from '../lab/ports/account.ts'
import { type Clients, HOME_REGION } from './clients.ts'
import { freePlan } from './error-findings.ts'
import { means } from './error-meanings.ts'
import { askJson } from './json-requests.ts'
import { noMoreDatabases, noMoreSubnetGroups, noVcpus } from './limit-findings.ts'
import { DescribeAccountAttributesCommand, DescribeInstancesCommand } from './sdk.ts'

/** How many of something there are, and how many there may be. */
interface Quota {
  readonly used: number
  readonly most: number
}

/** AWS's own, of 2025. */
const FREE_PLAN_DATABASES = 2

/** Ends in a finding where the account's plan is over. */
export async function checkPlan(clients: Clients): Promise<PlanSeen> {
  const plan = await planOf(clients)
  if (plan?.state === 'EXPIRED') throw new LabError(planEnded)
  return {
    free: plan?.type === 'FREE' ? { credits: plan.credits, ends: plan.ends } : undefined,
    unknown: plan === undefined ? ['the account’s plan'] : [],
  }
}

/** Ends in a finding where the account has no room for what is missing; returns what could not be asked. */
export async function checkQuotas(
  clients: Clients,
  region: string,
  missing: Missing,
  { free }: PlanSeen,
): Promise<readonly string[]> {
  const [vcpus, ofRds] = await Promise.all([
    missing.server ? vcpuQuota(clients, region) : undefined,
    missing.database ? rdsQuotas(clients) : undefined,
  ])
  const databases = ofRds?.get('DBInstances')
  const subnetGroups = ofRds?.get('DBSubnetGroups')
  if (vcpus && vcpus.most - vcpus.used < handout.serverVcpus)
    throw new LabError(noVcpus(inUse(vcpus, 'vCPUs'), region, undefined))
  if (databases && isFull(databases))
    throw new LabError(noMoreDatabases(inUse(databases, 'databases'), region, undefined))
  // A lab whose server is there may have its subnet group already.
  if (missing.server && subnetGroups && isFull(subnetGroups))
    throw new LabError(noMoreSubnetGroups(inUse(subnetGroups, 'DB subnet groups'), region, undefined))
  if (free && databases && databases.used >= FREE_PLAN_DATABASES) {
    const most = { used: databases.used, most: FREE_PLAN_DATABASES }
    throw new LabError(freePlan(inUse(most, 'databases'), region, undefined))
  }
  return [
    ...(missing.server && vcpus === undefined ? ['the limit of vCPUs'] : []),
    ...(missing.database && databases === undefined ? ['the limit of databases'] : []),
  ]
}

function isFull({ used, most }: Quota): boolean {
  return used >= most
}

function inUse({ used, most }: Quota, what: string): string {
  return `${used} of ${most} ${what} are in use.`
}

const planEnded = {
  what: 'The account’s free plan has ended.',
  why: 'Its months are over or its credits are used up; AWS closes such an account.',
  remedy: { say: 'Upgrade to the paid plan in the Billing console, or use another account (--profile).' },
}

interface Plan {
  readonly type: string
  readonly state: string
  /** The rest of the credits, in dollars. */
  readonly credits: number | undefined
  /** In ms since 1970. */
  readonly ends: number | undefined
}

/** Undefined where it may not be asked, and for accounts that are older than the plans. */
async function planOf(clients: Clients): Promise<Plan | undefined> {
  const { accountPlanType, accountPlanStatus, accountPlanRemainingCredits, accountPlanExpirationDate } =
    ((await askJson(clients, 'freetier:GetAccountPlanState', HOME_REGION, {})) as {
      readonly accountPlanType?: string
      readonly accountPlanStatus?: string
      readonly accountPlanRemainingCredits?: { readonly amount?: number }
      readonly accountPlanExpirationDate?: number | string
    }) ?? {}
  if (accountPlanType === undefined) return undefined
  return {
    type: accountPlanType,
    state: accountPlanStatus ?? '',
    credits: accountPlanRemainingCredits?.amount,
    ends: timeOf(accountPlanExpirationDate),
  }
}

/** AWS's JSON writes seconds, or a date as text. */
function timeOf(date: number | string | undefined): number | undefined {
  const time = typeof date === 'number' ? date * 1000 : Date.parse(date ?? '')
  return Number.isNaN(time) ? undefined : time
}

/** "Running On-Demand Standard instances". */
const VCPUS = { ServiceCode: 'ec2', QuotaCode: 'L-1216C47A' }
const STANDARD = /^[acdhimrtz]\d/

async function vcpuQuota(clients: Clients, region: string): Promise<Quota | undefined> {
  const answer = (await askJson(clients, 'servicequotas:GetServiceQuota', region, VCPUS)) as
    | { readonly Quota?: { readonly Value?: number } }
    | undefined
  const most = answer?.Quota?.Value
  if (most === undefined) return undefined
  const running = { Name: 'instance-state-name', Values: ['pending', 'running'] }
  const { Reservations = [] } = await clients.ec2.send(new DescribeInstancesCommand({ Filters: [running] }))
  const used = Reservations.flatMap(({ Instances = [] }) => Instances)
    .filter(
      ({ InstanceType = '', InstanceLifecycle }) =>
        STANDARD.test(InstanceType) && InstanceLifecycle === undefined,
    )
    .map(({ CpuOptions }) => (CpuOptions?.CoreCount ?? 1) * (CpuOptions?.ThreadsPerCore ?? 1))
    .reduce((sum, each) => sum + each, 0)
  return { used, most }
}

async function rdsQuotas({ rds }: Clients): Promise<ReadonlyMap<string, Quota> | undefined> {
  try {
    const { AccountQuotas = [] } = await rds.send(new DescribeAccountAttributesCommand({}))
    return new Map(
      AccountQuotas.flatMap(({ AccountQuotaName: name, Used: used, Max: most }) =>
        name === undefined || used === undefined || most === undefined ? [] : [[name, { used, most }]],
      ),
    )
  } catch (error) {
    if (means(error, 'denied')) return undefined
    throw error
  }
}
