import type { Broken } from '../../drills/break.ts'
import type { DrillListing } from '../../drills/choose.ts'
import { LEVELS, type Level } from '../../lab/exercise.ts'
import type { CliCommand } from '../command.ts'
import { openDrills } from '../drills.ts'
import { isGiven, textOf } from '../given.ts'
import { withLab } from '../open-labs.ts'

interface Options {
  /** The faults are named only. */
  readonly list: boolean
  readonly name: string | undefined
  readonly level: Level | undefined
}

type Report = { readonly list: readonly DrillListing[] } | { readonly broken: Broken }

export const practiceBreak: CliCommand<Options, Report> = {
  usage: 'break [name]',
  about: 'plant a fault in the practice lab, and say what a user reports',
  flags: [
    { flag: '--level <level>', about: 'how hard to find', choices: LEVELS },
    { flag: '--list', about: 'list the faults, for instructors' },
  ],
  options(given, [name]) {
    const level = textOf(given, 'level')
    return { list: isGiven(given, 'list'), name, level: LEVELS.find((each) => each === level) }
  },
  async run({ list, name, level }, session) {
    const drills = await openDrills(session)
    if (list) return { list: drills.list() }
    const drill = drills.choose(name, level)
    const options = { lookup: 'find', changing: 'practice break' } as const
    return { broken: await withLab(options, session, (kit) => drills.within(kit).break(drill)) }
  },
  json: (report) => ('list' in report ? report.list : report.broken),
  async view(report, paper) {
    const { brokenText, drillListText } = await import('../../terminal/views/drills.ts')
    return 'list' in report ? drillListText(report.list, paper) : brokenText(report.broken, paper)
  },
}
