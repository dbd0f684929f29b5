import type { Handmade } from '../aws/cloud.ts'
import type { Judge } from '../lab/exercise.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { LabSearch } from '../lab/lab-search.ts'
import type { Account, Kit } from '../lab/ports/kit.ts'
import type { RecordKeeper } from '../lab/ports/record.ts'
import { createSnapshot } from '../lab/snapshot.ts'
import { lockLab } from '../store/lab-lock.ts'
import { keepRecord, labFolder, newRecord, readRecord } from '../store/record-keeper.ts'
import { missingRecord, receiptFor, recordOf, whereItWas } from './lost-lab.ts'
import type { WorldOptions } from './options.ts'
import { readProject } from './project.ts'
import { openTarget, type Target, type TargetName } from './target.ts'
import { labName, nameById, peek, targetFor, unknownLab, whereNamed } from './which-lab.ts'
import { exerciseIn } from './workshop.ts'

/** The composition root: which lab, on which cloud, with which adapters. */
export interface World {
  readonly kit: Kit
  readonly target: TargetName
  /** Takes back all that an interrupted command must not leave behind. */
  takeBack(): Promise<void>
  /** Where a lab without a record was looked for. */
  readonly searched: LabSearch | undefined
  /** Judges the exercise that was set in the lab when it was opened. */
  readonly judge: Judge
  close(): Promise<void>
}

export interface OpenAccount {
  readonly account: Account
  readonly target: TargetName
  close(): Promise<void>
}

export async function openWorld(options: WorldOptions): Promise<World> {
  const name = labName(options)
  // Before anything is locked or started for it.
  if (options.lookup === 'find' && readRecord(options.home, name) === undefined) {
    throw unknownLab(name, options.home)
  }
  const unlock = lock(name, options)
  try {
    return await openLab(name, options, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

async function openLab(name: string, given: WorldOptions, unlock: () => void): Promise<World> {
  const stored = given.handmade ? undefined : readRecord(given.home, name)
  const receipt = stored === undefined ? receiptFor(name, given) : undefined
  const wanted = given.handmade ? whereNamed(given) : given
  const options = receipt === undefined ? wanted : whereItWas(name, receipt, wanted)
  const targetName = targetFor(stored, name, options)
  const target = await openTarget(targetName, stored, options)
  try {
    const { record, searched } =
      stored === undefined
        ? await missingRecord(name, targetName, target, receipt, options)
        : { record: stored, searched: undefined }
    const keeper = keepRecord(
      options.home,
      record,
      options.lookup === 'make',
      options.handmade?.keyFile,
      labFolder(options.home, name),
    )
    const { kitFor, takeBack, close } = await equip(target, options)
    const kit = kitFor(keeper, record.region, options.handmade)
    return {
      kit,
      judge: await exerciseIn(kit, options.home, options.examine),
      takeBack,
      target: targetName,
      searched,
      async close() {
        close()
        await target.leave()
        unlock()
      },
    }
  } catch (error) {
    // A cloud that was started for this lab only must not stay: the lab does not exist.
    await target.leave().catch(() => {})
    throw error
  }
}

/** The tools that the kits of all labs on one cloud share. */
async function equip(target: Target, { io, ask, tell }: Pick<WorldOptions, 'io' | 'ask' | 'tell'>) {
  const [{ createCloud }, { createConnect }, { createSql }, { browse }, { probe }, { createKeys }] =
    await Promise.all([
      import('../aws/cloud.ts'),
      import('../remote/ssh.ts'),
      import('../remote/mysql.ts'),
      import('../remote/http.ts'),
      import('../remote/probe.ts'),
      import('../remote/keys.ts'),
    ])
  const { clock } = io
  const open: { close(): void }[] = []
  const owed = new Set<() => Promise<unknown>>()
  const cloudIn = (region: string, record: () => LabRecord, handmade?: Handmade) =>
    createCloud({ ...target.api, region, clock }, record, handmade)
  const kitFor = (record: RecordKeeper, region: string, handmade?: Handmade): Kit => {
    const common = { reach: target.reach, clock, tell, record, ask }
    const connections = createConnect({ ...common, io })
    open.push(connections)
    const cloud = cloudIn(region, () => record.value, handmade)
    return {
      ...common,
      cloud,
      snapshot: createSnapshot(cloud),
      isHandmade: handmade !== undefined,
      keys: createKeys(record.keyFile, `flasklab-${record.value.name}`),
      myAddress: target.myAddress,
      databaseCa: target.databaseCa,
      laptop: target.laptop,
      connect: connections.connect,
      sql: createSql(target.databaseCa),
      ifInterrupted(takeBack) {
        owed.add(takeBack)
        return () => void owed.delete(takeBack)
      },
      browse,
      probe,
      project: readProject(),
    }
  }
  const close = () => {
    for (const each of open) each.close()
  }
  const takeBack = async () => void (await Promise.allSettled([...owed].map((each) => each())))
  return { clock, cloudIn, kitFor, takeBack, close }
}

/** All labs of the account that the current lab is in, or that the flags name. */
export async function openAccount(
  options: Pick<
    WorldOptions,
    'io' | 'home' | 'lab' | 'target' | 'region' | 'profile' | 'ask' | 'tell' | 'examine'
  >,
): Promise<OpenAccount> {
  const { io, home, ask, tell } = options
  const name = labName({ ...options, id: undefined, handmade: undefined })
  // Which account is meant, where no flag says it, only the record can tell.
  const current = options.target === undefined ? readRecord(home, name) : peek(home, name)
  const targetName = options.target ?? targetFor(current, name, {})
  const isThere = targetName === current?.target
  const target = await openTarget(targetName, undefined, {
    ...options,
    region: options.region ?? (isThere ? current?.region : undefined),
    profile: options.profile ?? (isThere ? current?.profile : undefined),
  })
  const { region } = target.api
  const { clock, cloudIn, kitFor, close } = await equip(target, options)
  const nobody = newRecord('none', targetName, region, undefined)
  const unlocks: (() => void)[] = []
  return {
    target: targetName,
    account: {
      region,
      clock,
      ask,
      tell,
      cloudIn: (there) => cloudIn(there, () => nobody),
      exerciseIn: (kit) => exerciseIn(kit, home, options.examine),
      take(lab, onlyLook) {
        const name = nameById(lab.id, undefined, home)
        unlocks.push(lock(name, { io, home, changing: onlyLook ? undefined : 'cleanup' }))
        const record = readRecord(home, name) ?? recordOf(lab, nobody)
        return kitFor(keepRecord(home, record, false, undefined, labFolder(home, name)), region)
      },
    },
    async close() {
      close()
      await target.leave()
      for (const unlock of unlocks) unlock()
    },
  }
}

/** However the process ends, short of being killed, it lets the lab go. */
function lock(
  name: string,
  { io, home, changing }: Pick<WorldOptions, 'io' | 'home' | 'changing'>,
): () => void {
  if (changing === undefined) return () => {}
  const unlock = lockLab(labFolder(home, name), name, changing)
  const forget = io.onExit(unlock)
  return () => {
    forget()
    unlock()
  }
}
