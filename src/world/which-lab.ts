import { join } from 'node:path'
import { flasklab } from '../lab/command.ts'
import { LabError, UsageError } from '../lab/finding.ts'
import { isLabName, nameOfLost } from '../lab/names.ts'
import { utc } from '../lab/utc.ts'
import { readCurrent } from '../store/current-lab.ts'
import { peekRecord } from '../store/read-record.ts'
import { readCleanedUp, retiredAs } from '../store/receipts.ts'
import type { Shelf, WorldOptions } from './options.ts'

const DEFAULT_LAB = 'lab'

/** The lab that is meant; it need not exist. */
export function labName(options: Shelf & Pick<WorldOptions, 'lab' | 'id' | 'handmade'>): string {
  const { lab, home, labs, id, handmade } = options
  if (handmade !== undefined) return 'by-hand'
  if (id !== undefined) return nameById(id, lab, options)
  const name = lab ?? readCurrent(home) ?? labs.names()[0] ?? DEFAULT_LAB
  if (isLabName(name)) return name
  throw new UsageError({
    what: `"${name}" can’t be the name of a lab.`,
    why: 'It becomes part of AWS names: small letters, digits and single hyphens, a letter first, 30 at most.',
    remedy: { say: 'Choose another.', run: [flasklab('up', { lab: 'my-lab' })] },
  })
}

/** Where no record has the id, a name that none has: the record of another lab must not be taken for this one's. */
export function nameById(id: string, lab: string | undefined, { home, labs }: Shelf): string {
  const recorded = labs.nameOf(id)
  const isOther = recorded === undefined && lab !== undefined && peekRecord(home, lab) !== undefined
  if (isOther || (recorded !== undefined && lab !== undefined && recorded !== lab)) throw twoLabs(lab, id)
  return recorded ?? retiredAs(home, id) ?? nameOfLost(id)
}

export function twoLabs(lab: string | undefined, id: string): UsageError {
  return new UsageError({
    what: `--lab ${lab} and --id ${id} mean two different labs.`,
    why: `The lab with that id is not called "${lab}".`,
    remedy: { say: 'Give the one that you mean; the list has both.', run: [flasklab('list')] },
  })
}

/** Tells also when a lab of that name was cleaned up, and which labs there are. */
export function unknownLab(name: string, { home, labs }: Shelf): LabError {
  const was = readCleanedUp(home, name)
  const others = labs.names()
  const seeOthers = others.map((other) => flasklab('status', { lab: other }))
  return new LabError(
    {
      what:
        was === undefined
          ? `There is no lab "${name}" here.`
          : `The lab "${name}" was cleaned up at ${utc(was.at)}.`,
      why: `No record of it lies in ${join(home, 'labs')}.`,
      remedy: {
        say: others.length === 0 ? 'Build it.' : 'Name another one that there is, or build it.',
        run: [...seeOthers, flasklab('up'), flasklab('up', { practice: true })],
      },
    },
    { code: 'unknown-lab' },
  )
}
