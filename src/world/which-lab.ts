import { join } from 'node:path'
import { flasklab } from '../lab/command.ts'
import { LabError, UsageError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { isLabName, nameOfLost } from '../lab/names.ts'
import { labsIn, readCleanedUp, readCurrent, readRecord, retiredAs } from '../store/record-keeper.ts'
import type { Whereabouts, WorldOptions } from './options.ts'
import { TARGETS, type TargetName } from './target.ts'

const DEFAULT_LAB = 'lab'

/** Where the lab is, or would be. */
export async function regionOfLab(options: Whereabouts): Promise<string> {
  const stored = readRecord(options.home, labName(options))
  if (stored !== undefined) return stored.region
  if (options.region !== undefined) return options.region
  if (options.target === 'practice') return (await import('../practice/service-file.ts')).PRACTICE_REGION
  return (await import('../aws/clients.ts')).regionOf(options.profile)
}

export function labName({
  lab,
  home,
  id,
  handmade,
}: Pick<WorldOptions, 'lab' | 'home' | 'id' | 'handmade'>): string {
  if (handmade !== undefined) return 'by-hand'
  if (id !== undefined) return nameById(id, lab, home)
  const name = lab ?? readCurrent(home) ?? labsIn(home)[0] ?? DEFAULT_LAB
  if (isLabName(name)) return name
  throw new UsageError({
    what: `"${name}" can’t be the name of a lab.`,
    why: 'It becomes part of AWS names: small letters, digits and single hyphens, a letter first, 30 at most.',
    remedy: { say: 'Choose another.', run: [flasklab('up', { lab: 'my-lab' })] },
  })
}

/** A lab that was made by hand has no name here: a named lab's record says on which cloud and where to look for it. */
export function whereNamed(options: WorldOptions): WorldOptions {
  const { home, lab } = options
  if (lab === undefined) return options
  const named = readRecord(home, lab)
  if (named === undefined) throw unknownLab(lab, home)
  return {
    ...options,
    target: targetFor(named, lab, { ...options, region: undefined }),
    region: options.region ?? named.region,
    profile: options.profile ?? named.profile,
  }
}

/** Where no record has the id, a name that none has: the record of another lab must not be taken for this one's. */
export function nameById(id: string, lab: string | undefined, home: string): string {
  const recorded = labsIn(home).find((name) => peek(home, name)?.id === id)
  const isOther = recorded === undefined && lab !== undefined && peek(home, lab) !== undefined
  if (isOther || (recorded !== undefined && lab !== undefined && recorded !== lab)) throw twoLabs(lab, id)
  return recorded ?? retiredAs(home, id) ?? nameOfLost(id)
}

/** A record that can't be read is told of by whoever needs it. */
export function peek(home: string, name: string): LabRecord | undefined {
  try {
    return readRecord(home, name)
  } catch {
    return undefined
  }
}

export function twoLabs(lab: string | undefined, id: string): UsageError {
  return new UsageError({
    what: `--lab ${lab} and --id ${id} mean two different labs.`,
    why: `The lab with that id is not called "${lab}".`,
    remedy: { say: 'Give the one that you mean; the list has both.', run: [flasklab('list')] },
  })
}

export function targetFor(
  stored: LabRecord | undefined,
  name: string,
  options: Partial<Pick<WorldOptions, 'target' | 'region'>>,
): TargetName {
  if (stored === undefined) {
    return options.target ?? 'aws'
  }
  const known = TARGETS.find((each) => each === stored.target)
  if (known === undefined) throw unknownTarget(stored)
  if (options.target !== undefined && options.target !== known) {
    throw new LabError({
      what: `The lab "${name}" is on ${known}, not on ${options.target}.`,
      remedy: {
        say: 'Give the other one a name of its own.',
        run: [flasklab('up', { ...targetFlag(options.target), lab: 'another-name' })],
      },
    })
  }
  if (options.region !== undefined && options.region !== stored.region) {
    throw new LabError({
      what: `The lab "${name}" is in ${stored.region}, not in ${options.region}.`,
      remedy: {
        say: 'Give the other one a name of its own.',
        run: [flasklab('up', { region: options.region, lab: 'another-name' })],
      },
    })
  }
  return known
}

/** For a command about a lab whose cloud no record tells. */
export function targetFlag(target: TargetName | undefined): { readonly practice?: true } {
  return target === 'practice' ? { practice: true } : {}
}

function unknownTarget({ name, target }: LabRecord): LabError {
  return new LabError({
    what: `The lab "${name}" is on "${target}", a cloud that this flasklab does not know.`,
    remedy: { say: 'Use the flasklab that made it, or a newer one.' },
  })
}

/** Tells also when a lab of that name was cleaned up, and which labs there are. */
export function unknownLab(name: string, home: string): LabError {
  const was = readCleanedUp(home, name)
  const others = labsIn(home)
  const seeOthers = others.map((other) => flasklab('status', { lab: other }))
  return new LabError(
    {
      what:
        was === undefined
          ? `There is no lab "${name}" here.`
          : `The lab "${name}" was cleaned up at ${was.at}.`,
      why: `No record of it lies in ${join(home, 'labs')}.`,
      remedy: {
        say: others.length === 0 ? 'Build it.' : 'Name another one that there is, or build it.',
        run: [...seeOthers, flasklab('up'), flasklab('up', { practice: true })],
      },
    },
    { code: 'unknown-lab' },
  )
}
