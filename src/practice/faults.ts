import type { RegionState } from './state.ts'
import { AwsError } from './wire/aws-error.ts'

/** Faults on purpose, with which tests show that nothing gets lost. */
export interface FaultPlan {
  /** Kills whoever is at work with the cloud, at the moment of this number, from 1. */
  readonly kill?: { readonly moment: number; readonly when: 'before' | 'after' }
  /** The fault of the first requests: so many of each of these operations, or of every operation. */
  readonly requests?: {
    readonly actions: readonly string[] | 'each'
    readonly times: number
    readonly how: RequestFault
  }
  /** Why the next launches end while they start, though AWS said yes to them. */
  readonly launches?: { readonly times: number; readonly reason: LaunchEnd }
  /** Every second look at a region shows it as it was so many milliseconds ago. */
  readonly lag?: number
}

/** AWS's words for the end of an instance: `Client.VolumeLimitExceeded`. */
export interface LaunchEnd {
  readonly code: string
  readonly message: string
}

export type RequestFault =
  | Refusal
  /** The connection is cut, before it is carried out or only before it is answered. */
  | 'cut'
  | 'cut-answer'
  /** Never answered, and not carried out. */
  | 'ignored'
  /** Answered as if it had been carried out. */
  | 'pretended'
  /** Refused in these words. */
  | { readonly code: string; readonly message: string }

type Refusal = 'throttled' | 'internal' | 'expired' | 'unauthorized'

/** A request that gets no answer. */
export class Unanswered extends Error {
  readonly isCut: boolean

  constructor(isCut: boolean) {
    super('on purpose')
    this.isCut = isCut
  }
}

/** Each request to the API and each remote command is a moment; a plan counts them anew. */
export interface Faults {
  plan(plan: FaultPlan): void
  /** The moments since the plan was made: `ec2:RunInstances`, `ssh`. */
  readonly moments: readonly string[]
  /** Does the work, unless something else is planned; what is thrown instead is an AwsError or Unanswered. */
  around<Value>(what: string, work: () => Promise<Value>): Promise<Value>
  /** The region that a request is to see: the real one, unless it is only pretended to, or looks too early. */
  regionFor(what: string, region: RegionState, isReading: boolean): RegionState
  /** Why the launch that is asked for now is to end while it starts. */
  launchEnd(): LaunchEnd | undefined
}

/** `kill`: ends every process that is at work with the cloud, as kill -9 does; left out where nothing is planned. */
export function createFaults(kill: () => void = () => {}): Faults {
  let plan: FaultPlan = {}
  const moments: string[] = []
  const history = createHistory()
  let launches = 0
  let looks = 0

  const killAt = (moment: number, when: 'before' | 'after') => {
    if (plan.kill?.moment !== moment || plan.kill.when !== when) return
    kill()
    throw new Unanswered(true)
  }
  const faultOf = (what: string) => {
    const { actions = [], times = 0, how } = plan.requests ?? {}
    if (what === 'ssh' || (actions !== 'each' && !actions.includes(what))) return undefined
    return moments.filter((each) => each === what).length <= times ? how : undefined
  }

  return {
    plan(next) {
      plan = next
      moments.length = 0
      launches = 0
    },
    moments,
    regionFor(what, region, isReading) {
      if (faultOf(what) === 'pretended') return structuredClone(region)
      if (plan.lag === undefined) return region
      if (!isReading) history.note(region, plan.lag)
      return isReading && looks++ % 2 === 1 ? history.at(Date.now() - plan.lag, region) : region
    },
    launchEnd() {
      return launches++ < (plan.launches?.times ?? 0) ? plan.launches?.reason : undefined
    },
    async around(what, work) {
      const moment = moments.push(what)
      killAt(moment, 'before')
      const fault = faultOf(what)
      if (fault === 'cut' || fault === 'ignored') throw new Unanswered(fault === 'cut')
      if (typeof fault === 'object') throw new AwsError(fault.code, fault.message)
      if (fault !== undefined && fault !== 'cut-answer' && fault !== 'pretended') throw refusal(fault, what)
      // A refusal is an answer, too.
      const value = await work().finally(() => killAt(moment, 'after'))
      if (fault === 'cut-answer') throw new Unanswered(true)
      return value
    },
  }
}

/** Keeps what a region was before each of the latest changes. */
function createHistory() {
  let before: { readonly region: RegionState; readonly at: number; readonly was: RegionState }[] = []
  return {
    note(region: RegionState, forMs: number) {
      const at = Date.now()
      before = [
        ...before.filter((each) => each.at > at - forMs),
        { region, at, was: structuredClone(region) },
      ]
    },
    at: (time: number, region: RegionState) =>
      before.find((each) => each.region === region && each.at > time)?.was ?? region,
  }
}

/** In the words of the service that is asked. */
function refusal(kind: Refusal, what: string): AwsError {
  const isEc2 = what.startsWith('ec2:')
  const [service = ''] = what.split(':')
  const resource = `arn:aws:${service}:us-west-2:123456789012:*`
  const words = `User: arn:aws:iam::123456789012:user/student is not authorized to perform: ${what} on resource: ${resource} because no identity-based policy allows the ${what} action`
  switch (kind) {
    case 'throttled':
      return isEc2
        ? new AwsError('RequestLimitExceeded', 'Request limit exceeded.', 503)
        : new AwsError('Throttling', 'Rate exceeded')
    case 'internal':
      return isEc2
        ? new AwsError('InternalError', 'An internal error has occurred', 500)
        : new AwsError('InternalFailure', 'An internal error has occurred.', 500)
    case 'expired':
      return isEc2
        ? new AwsError('RequestExpired', 'Request has expired.')
        : new AwsError('ExpiredToken', 'The security token included in the request is expired', 403)
    case 'unauthorized':
      return isEc2
        ? new AwsError(
            'UnauthorizedOperation',
            `You are not authorized to perform this operation. ${words}. Encoded authorization failure message: ${'Zq9_hT3kQ-x1'.repeat(40)}`,
            403,
          )
        : new AwsError('AccessDenied', words, 403)
  }
}
