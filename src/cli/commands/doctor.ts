import type { checkList, Diagnosis } from '../../commands/doctor.ts'
import { flasklab } from '../../lab/command.ts'
import { UsageError } from '../../lab/finding.ts'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../failure.ts'
import { isGiven } from '../given.ts'
import { handmadeLab, WHICH_DATABASE, WHICH_KEY, WHICH_SERVER } from '../handmade-flags.ts'
import { withLab } from '../open-labs.ts'
import { inThisSession } from '../session.ts'

interface Options {
  /** The checks are named only. */
  readonly list: boolean
  readonly fix: boolean
  readonly brief: boolean
  readonly handmade: ReturnType<typeof handmadeLab>
}

type Report =
  | { readonly list: ReturnType<typeof checkList> }
  | { readonly diagnosis: Diagnosis; readonly retold: Diagnosis<unknown>; readonly brief: boolean }

export const doctor: CliCommand<Options, Report> = {
  usage: 'doctor',
  about: 'the troubleshooting checklist: finds the one cause',
  flags: [
    { flag: '--fix', about: 'mend what is safe to mend, asking before each' },
    { flag: '--list', about: 'list the checks', conflicts: ['fix', 'adopt', 'instance', 'db', 'key'] },
    {
      flag: '--adopt',
      about: 'look at a lab that was made by hand, by the handout’s names, and only read it',
    },
    WHICH_SERVER,
    WHICH_DATABASE,
    WHICH_KEY,
    { flag: '--practice', about: 'of a lab made by hand: it is on the practice cloud' },
  ],
  options(given) {
    const options = {
      list: isGiven(given, 'list'),
      fix: isGiven(given, 'fix'),
      brief: isGiven(given, 'quiet'),
      handmade: handmadeLab(given),
    }
    if (options.fix && options.handmade) throw onlyRead()
    return options
  },
  async run({ list, fix, brief, handmade }, session) {
    const { checkList, doctor: examine, retold } = await import('../../commands/doctor.ts')
    if (list) return { list: checkList() }
    const diagnosis = await withLab(
      { lookup: handmade ? 'make' : 'find', handmade, changing: fix ? 'doctor --fix' : undefined },
      session,
      async (kit) => retold(await examine({ fix }, kit), (finding) => inThisSession(finding, session)),
      ({ checks }) => ({ by: 'doctor', checks }),
    )
    return { diagnosis, retold: retold(diagnosis, session.paper.written), brief }
  },
  json: (report) => ('list' in report ? report.list : report.retold),
  async view(report, paper) {
    const { checkListText, doctorText } = await import('../../terminal/views/doctor.ts')
    return 'list' in report
      ? checkListText(report.list, paper)
      : doctorText(report.diagnosis, report.brief, paper)
  },
  exitCode: (report) => ('list' in report || report.diagnosis.healthy ? EXIT.done : EXIT.failed),
}

function onlyRead(): UsageError {
  return new UsageError({
    what: 'A lab that was made by hand is only read: --fix is for those that flasklab made.',
    why: 'flasklab would not know how to put right a lab that it has not made without breaking something else.',
    remedy: {
      say: 'Leave --fix away; each finding says what to do.',
      run: [flasklab('doctor', { adopt: true })],
    },
  })
}
