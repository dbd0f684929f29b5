import type { Judge } from '../lab/exercise.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { LabSearch } from '../lab/lab-search.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { keepRecord, type LastReceipt, labFolder, readRecord } from '../store/record-keeper.ts'
import { equip } from './equipment.ts'
import { holdLab } from './hold-lab.ts'
import { missingRecord, receiptFor, whereItWas } from './lost-lab.ts'
import type { WorldOptions } from './options.ts'
import { openTarget, type Target, type TargetName } from './target.ts'
import { labName, targetFor, unknownLab, whereNamed } from './which-lab.ts'
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
  if (options.lookup === 'find' && before === undefined) throw unknownLab(name, options.home)
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

/** A lab, as far as it is known without asking its cloud. */
interface Place {
  readonly name: string
  readonly stored: LabRecord | undefined
  /** The receipt that was kept when it was cleaned up. */
  readonly receipt: LastReceipt | undefined
  readonly target: TargetName
  readonly options: WorldOptions
}

function whereIs(name: string, stored: LabRecord | undefined, given: WorldOptions): Place {
  const receipt = stored === undefined ? receiptFor(name, given) : undefined
  const wanted = given.handmade ? whereNamed(given) : given
  const options = receipt === undefined ? wanted : whereItWas(name, receipt, wanted)
  return { name, stored, receipt, target: targetFor(stored, name, options), options }
}

async function openPlace(place: Place, release: () => void): Promise<World> {
  const target = await openTarget(place.target, place.stored, place.options)
  try {
    return await openLab(place, target, release)
  } catch (error) {
    // A cloud that was started for this lab only must not stay: the lab does not exist.
    await target.leave().catch(() => {})
    throw error
  }
}

async function openLab(place: Place, target: Target, release: () => void): Promise<World> {
  const { name, stored, receipt, options } = place
  const { io, home, lookup, handmade, examine } = options
  const { record, searched } =
    stored === undefined
      ? await missingRecord(name, place.target, target, receipt, options)
      : { record: stored, searched: undefined }
  const keeper = keepRecord(home, record, lookup === 'make', handmade?.keyFile, labFolder(home, name))
  const { kitFor, takeBack, close } = await equip(target, options)
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
