import { flasklab } from './command.ts'
import type { Finding } from './finding.ts'
import type { Identity } from './lab.ts'

const REGIONS: readonly string[] = ['us-east-1', 'us-west-2']

/** An AWS Academy Learner Lab tells itself by the role that its students have. */
export function isLearnerLab({ arn }: Pick<Identity, 'arn'>): boolean {
  return arn.includes(':assumed-role/voclabs/')
}

/** Says plainly that a Learner Lab forbids all other regions; AWS's own words hide it. */
export function wrongLearnerRegion(region: string): Finding | undefined {
  if (REGIONS.includes(region)) return undefined
  return {
    what: `A Learner Lab has the regions ${REGIONS.join(' and ')} only, not ${region}.`,
    why: 'In all others AWS denies whatever is asked for.',
    remedy: { say: 'Build it there.', run: REGIONS.map((each) => flasklab('up', { region: each })) },
  }
}
