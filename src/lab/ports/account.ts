import type { Identity } from '../lab.ts'

/** The owner of the credentials, and how long they last. */
export interface Credentials {
  whoAmI(): Promise<Identity>
  /** Whether the credentials end by themselves. */
  areTemporary(): Promise<boolean>
  /** When the credentials end, in ms since 1970; undefined where that is not known, or never. */
  credentialsEnd(): Promise<number | undefined>
  /** How far this machine's clock is behind AWS's, in ms, by the answer to the latest request; 0 before one. */
  readonly clockOffset: number
}

/** Where all of it is. */
export interface Regions {
  readonly region: string
  /** Ends in a finding when the region does not exist or is not enabled. */
  checkRegion(): Promise<void>
  /** The regions that the account has enabled. */
  listRegions(): Promise<readonly string[]>
}

/** The limits of the account. */
export interface Quotas {
  /** Ends in a finding when the account's plan is over. */
  checkPlan(): Promise<PlanSeen>
  /** Ends in a finding when the account has no room for what is missing; returns what could not be asked, as words. */
  checkQuotas(missing: Missing, plan: PlanSeen): Promise<readonly string[]>
}

/** The account's plan, as far as AWS may be asked about it. */
export interface PlanSeen {
  /** Only for an account that pays nothing: dollars of credits that are left, and its end in ms since 1970. */
  readonly free: { readonly credits: number | undefined; readonly ends: number | undefined } | undefined
  /** The questions that AWS would not answer, as words. */
  readonly unknown: readonly string[]
}

/** The parts of a lab that are still to be made. */
export interface Missing {
  readonly server: boolean
  readonly database: boolean
}
