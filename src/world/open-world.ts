import type { Judge } from '../lab/exercise.ts'
import type { LabSearch } from '../lab/lab-search.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { labFolder } from '../store/lab-folder.ts'
import { readRecord } from '../store/read-record.ts'
import { keepRecord } from '../store/record-keeper.ts'
import { equip, loadAdapters } from './equipment.ts'
import { holdLab } from './hold-lab.ts'
import { missingRecord } from './lost-lab.ts'
import { openTarget } from './open-target.ts'
import type { WorldOptions } from './options.ts'
import type { Target, TargetName } from './target.ts'
import { type Place, whereIs } from './where-is.ts'
import { labName, unknownLab } from './which-lab.ts'
import { exerciseIn } from './workshop.ts'

/** A lab that is open: which one, on which cloud, with which adapters. */
export interface World {
  readonly kit: Kit
  readonly target: TargetName
  /** Where a lab was looked for that has no record. */
  readonly searched: LabSearch | undefined
  /** Judges the exercise that was set in the lab when it was opened. */
  readonly judge: Judge
  /** Takes back all that an interrupted command must not leave behind. */
  takeBack(): Promise<void>
  /** Lets go of the lab at once, and of nothing else. */
  letGo(): void
  close(): Promise<void>
}

/** The composition root: finds out which lab is meant and where it is, and brings all that works on it. */
export async function openWorld(options: WorldOptions): Promise<World> {
  const name = labName(options)
  const before = options.handmade ? undefined : readRecord(options.home, name)
  // Before anything is locked or started for it.
  if (options.lookup === 'find' && before === undefined) throw unknownLab(name, options)
  const release = holdLab(name, options)
  try {
    // The command that held the lab until now may have written it.
    const isSame = options.changing === undefined || options.handmade !== undefined
    const stored = isSame ? before : readRecord(options.home, name)
    return await openPlace(whereIs(name, stored, options), release)
  } catch (error) {
    release()
    throw error
  }
}

async function openPlace(place: Place, release: () => void): Promise<World> {
  const adapters = loadAdapters()
  const target = await openTarget(place.target, place.stored, place.options)
  try {
    return await openLab(place, { target, adapters }, release)
  } catch (error) {
    // A cloud that was started for this lab only must not stay: the lab does not exist.
    await target.leave().catch(() => {})
    throw error
  }
}

interface Opened {
  readonly target: Target
  readonly adapters: ReturnType<typeof loadAdapters>
}

async function openLab(place: Place, { target, adapters }: Opened, release: () => void): Promise<World> {
  const { name, stored, options } = place
  const { io, home, labs, lookup, handmade, examine } = options
  const { record, searched } =
    stored === undefined ? await missingRecord(place, target) : { record: stored, searched: undefined }
  const keeper = keepRecord(home, record, {
    makesCurrent: lookup === 'make',
    keyFile: handmade?.keyFile,
    folder: labFolder(home, name),
    labs,
  })
  const { kitFor, takeBack, close } = await equip(target, options, adapters)
  const kit = kitFor(keeper, record.region, handmade)
  const letGo = () => {
    close()
    release()
  }
  return {
    kit,
    target: place.target,
    searched,
    judge: await exerciseIn(kit, { home, env: io.env, examine }),
    takeBack,
    letGo,
    async close() {
      close()
      await target.leave()
      release()
    },
  }
}
