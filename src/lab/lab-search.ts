import { LabError } from './finding.ts'
import { cleanTagValue } from './names.ts'
import type { Cloud } from './ports/cloud.ts'
import type { LabSeen } from './ports/labs.ts'

/** Where a lab was looked for that has no record, and which labs of one's own are there. */
export interface LabSearch {
  readonly account: string
  readonly regions: readonly string[]
  /** Regions that could not be looked at. */
  readonly unseen: readonly string[]
  readonly mine: readonly Found[]
}

export interface Found {
  readonly region: string
  readonly lab: LabSeen
}

interface Unseen {
  readonly region: string
  readonly error: LabError
}

/** The labs in these regions: of several, one that is closed must not hide the labs in the others. */
export async function labsInRegions(
  regions: readonly string[],
  cloudIn: (region: string) => Pick<Cloud, 'listLabs'>,
): Promise<{ readonly found: readonly Found[]; readonly unseen: readonly Unseen[] }> {
  const unseen: Unseen[] = []
  const looks = regions.map(async (region): Promise<readonly Found[]> => {
    try {
      return (await cloudIn(region).listLabs()).map((lab) => ({ region, lab }))
    } catch (error) {
      if (!(error instanceof LabError) || regions.length === 1) throw error
      unseen.push({ region, error })
      return []
    }
  })
  const found = (await Promise.all(looks)).flat()
  return { found, unseen: unseen.toSorted((one, other) => one.region.localeCompare(other.region)) }
}

export function isOf(userId: string, { owner }: LabSeen): boolean {
  return owner === cleanTagValue(userId)
}

/** As part of a sentence: "the account 123456789012, us-east-1". */
export function placeOf({ account, regions, unseen }: LabSearch): string {
  const looked = regions.filter((region) => !unseen.includes(region))
  return `the account ${account}, ${looked.length === 1 ? looked[0] : `${looked.length} regions`}`
}

/** Sentences about what else there is; none where there is nothing to say. */
export function otherLabs({ mine, unseen }: LabSearch, recorded: readonly string[]): string[] {
  const seen = mine.map(({ region, lab }) => `${lab.name} (${lab.id}, ${region})`)
  const others = recorded.filter((name) => !mine.some(({ lab }) => lab.name === name))
  const labs = [...seen, ...others]
  return [
    ...(labs.length === 0 ? [] : [`You have these labs: ${labs.join(', ')}.`]),
    ...(unseen.length === 0
      ? []
      : [`Not looked at: ${unseen.join(', ')}; flasklab list --all-regions says why.`]),
  ]
}
