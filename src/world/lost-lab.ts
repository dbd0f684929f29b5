import { join } from 'node:path'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import { type Found, isOf, type LabSearch, labsInRegions, otherLabs, placeOf } from '../lab/lab-search.ts'
import { isLabName, nameOfLost } from '../lab/names.ts'
import type { Cloud } from '../lab/ports/cloud.ts'
import type { LabSeen } from '../lab/ports/labs.ts'
import { newRecord } from '../store/new-record.ts'
import type { WorldOptions } from './options.ts'
import type { Target } from './target.ts'
import { type Place, targetFlag } from './where-is.ts'
import { twoLabs } from './which-lab.ts'

/** A new record for a lab that has none, and the search that found the lab. */
interface Lost {
  readonly record: LabRecord
  readonly searched: LabSearch | undefined
}

/**
 * A lab without a record: a new one; or one that was cleaned up, which is known by its id alone; or one whose record
 * is lost, and that is found by its tags.
 */
export async function missingRecord(place: Place, target: Target): Promise<Lost> {
  const { name, receipt, options } = place
  const fresh = newRecord(name, place.target, target.api.region, options.profile)
  if (options.lookup === 'make') return { record: fresh, searched: undefined }
  const { searched, userId, all } = await search(target, fresh, options)
  const id = options.id ?? receipt?.id
  const isMeant = ({ lab }: Found) =>
    id === undefined ? lab.name === name && isOf(userId, lab) : lab.id === id
  const found = onlyOne(all.filter(isMeant), options)
  if (found !== undefined)
    return { record: recordOf(found.lab, { ...fresh, region: found.region }), searched }
  const isNamed = options.lab !== undefined || options.id !== undefined
  if (receipt === undefined && isNamed) throw noSuchLab(searched, place)
  return { record: { ...fresh, id: id ?? fresh.id }, searched }
}

function onlyOne(meant: readonly Found[], { lab, id }: WorldOptions): Found | undefined {
  const [found, ...more] = meant
  if (found === undefined) return undefined
  const { name } = found.lab
  if (more.length > 0) throw severalLabs(name, meant)
  if (id !== undefined && lab !== undefined && lab !== name) throw twoLabs(lab, id)
  return found
}

/** The record of a lab by its tags, where its own record is not here. */
export function recordOf({ id, name, owner }: LabSeen, fresh: LabRecord): LabRecord {
  return { ...fresh, id, name: isLabName(name) ? name : nameOfLost(id), owner }
}

/** In every region, where none is named. */
async function search({ api }: Target, fresh: LabRecord, { region, io: { clock } }: WorldOptions) {
  const { createCloud } = await import('../aws/cloud.ts')
  const cloudIn = (there: string) => createCloud({ ...api, region: there, clock }, () => fresh)
  const here = cloudIn(api.region)
  const { account, userId } = await here.whoAmI()
  const regions = region === undefined ? await regionsFrom(here) : [api.region]
  const { found: all, unseen } = await labsInRegions(regions, cloudIn)
  const closed = unseen.find((each) => each.region === api.region)
  if (all.length === 0 && closed !== undefined) throw closed.error
  const searched: LabSearch = {
    account,
    regions,
    unseen: unseen.map((each) => each.region),
    mine: all.filter(({ lab }) => isOf(userId, lab)),
  }
  return { searched, userId, all }
}

/** The one alone, where these credentials may not ask for all, as in some classes. */
async function regionsFrom(cloud: Cloud): Promise<readonly string[]> {
  try {
    return [...new Set([cloud.region, ...(await cloud.listRegions())])]
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    return [cloud.region]
  }
}

function noSuchLab(searched: LabSearch, { target, options: { home, labs, lab, id } }: Place): LabError {
  const folder = join(home, 'labs')
  const place = placeOf(searched)
  const [what, why] =
    id === undefined
      ? [
          `There is no lab "${lab}".`,
          `No record of it lies in ${folder}, and none of yours in ${place} is called that.`,
        ]
      : [`There is no lab with the id ${id}.`, `No record in ${folder} has it, and nothing in ${place}.`]
  return new LabError(
    {
      what,
      why: [why, ...otherLabs(searched, labs.names())].join(' '),
      remedy: {
        say: 'Name one that there is.',
        run: [flasklab('list', { 'all-regions': true, ...targetFlag(target) })],
      },
    },
    { code: 'unknown-lab' },
  )
}

function severalLabs(name: string, found: readonly Found[]): LabError {
  const isFar = new Set(found.map(({ region }) => region)).size > 1
  return new LabError({
    what: `Several labs of yours are called "${name}": ${found.map(({ lab, region }) => `${lab.id} (${region})`).join(', ')}.`,
    why: 'Their records are lost, so only their tags tell them apart (flasklab:lab).',
    remedy: {
      say: 'Clean them up one by one. Whoever shares your credentials may call a lab the same: look at each plan.',
      run: found.map(({ lab, region }) =>
        flasklab('cleanup', { id: lab.id, region: isFar ? region : undefined }),
      ),
    },
  })
}
