import { AwsError } from './wire/aws-error.ts'

/** What goes wrong on purpose, so that tests can show that nothing is lost by it. */
export interface FaultPlan {
  /** Kills whoever is at work with the cloud, at the moment of this number, from 1. */
  readonly kill?: { readonly moment: number; readonly when: 'before' | 'after' }
  /** What befalls the next requests for this operation. */
  readonly request?: { readonly action: string; readonly times: number } & (
    | { readonly how: 'refused'; readonly code: string; readonly message: string; readonly status: number }
    /** Its connection is cut before it is answered; `answered`: only after it was carried out. */
    | { readonly how: 'cut' | 'cut-answer' }
    /** It is never answered, and not carried out. */
    | { readonly how: 'ignored' }
  )
}

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
  /** The moments since the plan was made, by operation or as `ssh`. */
  readonly moments: readonly string[]
  /** Does the work, unless something else is planned; what is thrown instead is an AwsError or Unanswered. */
  around<Value>(what: string, work: () => Promise<Value>): Promise<Value>
}

/** `kill`: ends every process that is at work with the cloud, as kill -9 does. */
export function createFaults(kill: () => void): Faults {
  let plan: FaultPlan = {}
  let left = 0
  const moments: string[] = []

  const killAt = (moment: number, when: 'before' | 'after') => {
    if (plan.kill?.moment !== moment || plan.kill.when !== when) return
    kill()
    throw new Unanswered(true)
  }
  const faultOf = (what: string) => {
    if (plan.request?.action !== what || left <= 0) return undefined
    left -= 1
    return plan.request
  }

  return {
    plan(next) {
      plan = next
      left = next.request?.times ?? 0
      moments.length = 0
    },
    moments,
    async around(what, work) {
      const moment = moments.push(what)
      killAt(moment, 'before')
      const fault = faultOf(what)
      if (fault?.how === 'refused') throw new AwsError(fault.code, fault.message, fault.status)
      if (fault?.how === 'ignored' || fault?.how === 'cut') throw new Unanswered(fault.how === 'cut')
      const value = await work()
      killAt(moment, 'after')
      if (fault?.how === 'cut-answer') throw new Unanswered(true)
      return value
    },
  }
}
