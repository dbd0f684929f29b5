import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { utc } from '../lab/utc.ts'
import { readRecord } from '../store/read-record.ts'
import { type LastReceipt, readReceipt } from '../store/receipts.ts'
import type { WorldOptions } from './options.ts'
import { TARGETS, type TargetName } from './target.ts'
import { unknownLab } from './which-lab.ts'

/** A lab, as far as it is known without asking its cloud. */
export interface Place {
  readonly name: string
  readonly stored: LabRecord | undefined
  /** The receipt that was kept when it was cleaned up. */
  readonly receipt: LastReceipt | undefined
  readonly target: TargetName
  readonly options: WorldOptions
}

/** The place of a lab: by its record, by the receipt of its cleanup, or by the flags. */
export function whereIs(name: string, stored: LabRecord | undefined, given: WorldOptions): Place {
  const receipt = stored === undefined ? receiptFor(name, given) : undefined
  const wanted = given.handmade ? whereNamed(given) : given
  const options = receipt === undefined ? wanted : whereItWas(name, receipt, wanted)
  return { name, stored, receipt, target: targetFor(stored, name, options), options }
}

/** The receipt of the wanted lab, where it was cleaned up: none where other flags than its own are given. */
function receiptFor(name: string, { home, lookup, id, target, region }: WorldOptions) {
  const receipt = lookup === 'lost' ? readReceipt(home, name) : undefined
  const known = TARGETS.find((each) => each === receipt?.target)
  if (receipt === undefined || known === undefined) return undefined
  const isIt =
    (id ?? receipt.id) === receipt.id &&
    (target ?? known) === known &&
    (region ?? receipt.region) === receipt.region
  return isIt ? { ...receipt, target: known } : undefined
}

/** A lab that was made by hand has no name here: a named lab's record says on which cloud and where to look for it. */
function whereNamed(options: WorldOptions): WorldOptions {
  const { home, lab } = options
  if (lab === undefined) return options
  const named = readRecord(home, lab)
  if (named === undefined) throw unknownLab(lab, options)
  return {
    ...options,
    target: targetFor(named, lab, { target: options.target }),
    region: options.region ?? named.region,
    profile: options.profile ?? named.profile,
  }
}

/** A lab that was cleaned up is looked for once more where it had been. */
function whereItWas(
  name: string,
  receipt: NonNullable<ReturnType<typeof receiptFor>>,
  options: WorldOptions,
): WorldOptions {
  const { at, isClean, target, region } = receipt
  const text = isClean
    ? `The lab "${name}" was cleaned up at ${utc(at)}. Looking again.`
    : `A cleanup of the lab "${name}" at ${utc(at)} left something. Looking again.`
  options.tell({ kind: 'note', text })
  return { ...options, target, region, profile: options.profile ?? receipt.profile }
}

/** The cloud of a lab: that of its record, which the flags must not contradict; else the one that they name. */
export function targetFor(
  stored: LabRecord | undefined,
  name: string,
  wish: Partial<Pick<WorldOptions, 'target' | 'region'>>,
): TargetName {
  if (stored === undefined) return wish.target ?? 'aws'
  const known = TARGETS.find((each) => each === stored.target)
  if (known === undefined) throw unknownTarget(stored)
  const { target = known, region = stored.region } = wish
  if (target !== known)
    throw isElsewhere(`The lab "${name}" is on ${known}, not on ${target}.`, targetFlag(target))
  if (region !== stored.region)
    throw isElsewhere(`The lab "${name}" is in ${stored.region}, not in ${region}.`, { region })
  return known
}

/** For a command about a lab whose cloud no record tells. */
export function targetFlag(target: TargetName): { readonly practice?: true } {
  return target === 'practice' ? { practice: true } : {}
}

function unknownTarget({ name, target }: LabRecord): LabError {
  return new LabError({
    what: `The lab "${name}" is on "${target}", a cloud that this flasklab does not know.`,
    remedy: { say: 'Use the flasklab that made it, or a newer one.' },
  })
}

function isElsewhere(what: string, there: Readonly<Record<string, string | true>>): LabError {
  return new LabError({
    what,
    remedy: {
      say: 'Give the other one a name of its own.',
      run: [flasklab('up', { ...there, lab: 'another-name' })],
    },
  })
}
