import type { Account } from '../lab/ports/kit.ts'
import { labFolder } from '../store/lab-folder.ts'
import { newRecord } from '../store/new-record.ts'
import { peekRecord, readRecord } from '../store/read-record.ts'
import { keepRecord } from '../store/record-keeper.ts'
import { equip } from './equipment.ts'
import { holdLab } from './hold-lab.ts'
import { recordOf } from './lost-lab.ts'
import { openTarget } from './open-target.ts'
import type { WorldOptions } from './options.ts'
import type { Target, TargetName } from './target.ts'
import { targetFor } from './where-is.ts'
import { labName, nameById } from './which-lab.ts'
import { exerciseIn } from './workshop.ts'

export interface OpenAccount {
  readonly account: Account
  readonly target: TargetName
  /** Lets go of the labs that were taken at once, and of nothing else. */
  letGo(): void
  close(): Promise<void>
}

type AccountOptions = Pick<
  WorldOptions,
  'io' | 'home' | 'labs' | 'lab' | 'target' | 'region' | 'profile' | 'ask' | 'tell' | 'examine'
>

/** All labs of the account that the current lab is in, or that the flags name. */
export async function openAccount(options: AccountOptions): Promise<OpenAccount> {
  const { name, target } = await whichAccount(options)
  const { io, home, labs, ask, tell, examine } = options
  const { region } = target.api
  const { cloudIn, kitFor, close } = await equip(target, options)
  const nobody = newRecord('none', name, region, undefined)
  const releases: (() => void)[] = []
  const letGo = () => {
    close()
    for (const release of releases) release()
  }
  return {
    target: name,
    account: {
      region,
      clock: io.clock,
      ask,
      tell,
      cloudIn: (there) => cloudIn(there, () => nobody),
      exerciseIn: (kit) => exerciseIn(kit, { home, env: io.env, examine }),
      take(lab, onlyLook) {
        const name = nameById(lab.id, undefined, options)
        releases.push(holdLab(name, { io, home, changing: onlyLook ? undefined : 'cleanup' }))
        const record = readRecord(home, name) ?? recordOf(lab, nobody)
        return kitFor(keepRecord(home, record, { folder: labFolder(home, name), labs }), region)
      },
    },
    letGo,
    async close() {
      close()
      await target.leave()
      for (const release of releases) release()
    },
  }
}

/** Where no flag says which account is meant, only the record of the current lab can tell. */
async function whichAccount(
  options: AccountOptions,
): Promise<{ readonly name: TargetName; readonly target: Target }> {
  const { home } = options
  const lab = labName({ ...options, id: undefined, handmade: undefined })
  const current = options.target === undefined ? readRecord(home, lab) : peekRecord(home, lab)
  const name = options.target ?? targetFor(current, lab, {})
  const there = name === current?.target ? current : undefined
  const target = await openTarget(name, undefined, {
    ...options,
    region: options.region ?? there?.region,
    profile: options.profile ?? there?.profile,
  })
  return { name, target }
}
