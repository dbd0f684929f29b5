import { type Aws, aws, type Command } from '../lab/command.ts'
import { commandLines } from '../lab/command-text.ts'
import type { Named } from '../lab/ports/record.ts'
import type { Resource } from '../lab/ports/resources.ts'
import type { CleanupPlan } from './cleanup-plan.ts'

/** The results of a cleanup. */
export interface Receipt {
  readonly deleted: readonly Named[]
  readonly left: readonly Left[]
  readonly clean: boolean
  /** Kinds that these credentials may not look at: nothing is said of them. */
  readonly unseen: readonly string[]
  /** Nobody wanted it done. */
  readonly refused?: boolean
  /** Only after a dry run: what would be done. */
  readonly plan?: CleanupPlan
}

export interface Left extends Named {
  readonly why: string
  /** Commands that help. */
  readonly run?: readonly Command[]
}

const DRY_RUN = 'it was a dry run'

export function ofDryRun(plan: CleanupPlan): Receipt {
  return { ...untouched(plan, DRY_RUN), plan }
}

export function ofNo(plan: CleanupPlan): Receipt {
  return { ...untouched(plan, 'you said no'), refused: true }
}

function untouched({ items, unseen }: CleanupPlan, why: string): Receipt {
  const left = items.map((each) => ({ ...named(each), why }))
  return { deleted: [], left, clean: items.length === 0, unseen }
}

export function named({ kind, id }: Resource): Named {
  return { kind, id }
}

/** Something that flasklab must not touch, and how it goes. */
export function untouchable(resource: Resource, region: string): Left {
  const { kind, id } = resource
  const command = BY_HAND[kind]?.(region, id)
  return {
    ...named(resource),
    why: 'it does not carry the lab’s tags, and nothing else is ever touched; if it is yours, delete it by hand',
    run: command === undefined ? [] : [command],
  }
}

const BY_HAND: Partial<Record<Resource['kind'], (region: string, id: string) => Aws>> = {
  server: (region, id) => aws(region, 'ec2', 'terminate-instances', { 'instance-ids': id }),
  database: (region, id) =>
    aws(region, 'rds', 'delete-db-instance', { 'db-instance-identifier': id, 'skip-final-snapshot': true }),
  'subnet-group': (region, id) =>
    aws(region, 'rds', 'delete-db-subnet-group', { 'db-subnet-group-name': id }),
  'security-group': (region, id) => aws(region, 'ec2', 'delete-security-group', { 'group-id': id }),
  'key-pair': (region, id) => aws(region, 'ec2', 'delete-key-pair', { 'key-pair-id': id }),
  volume: (region, id) => aws(region, 'ec2', 'delete-volume', { 'volume-id': id }),
  address: (region, id) => aws(region, 'ec2', 'release-address', { 'allocation-id': id }),
  'log-group': (region, name) => aws(region, 'logs', 'delete-log-group', { 'log-group-name': name }),
}

/** As `cleanup --json` prints it and the receipt's file keeps it. */
export function receiptJson({ deleted, left, clean, unseen }: Receipt) {
  return {
    deleted,
    left: left.map(({ kind, id, why, run = [] }) => ({
      kind,
      id,
      why: [why, ...commandLines(run)].join(': '),
    })),
    clean,
    ...(unseen.length === 0 ? {} : { unseen }),
  }
}
