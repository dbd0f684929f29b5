import { existsSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import type { UpOptions, UpOutcome } from '../../commands/up.ts'
import type { Io } from '../../lab/io.ts'
import { cidr, duration } from '../argument-parsers.ts'
import type { CliCommand } from '../command.ts'
import { isGiven, numberOf, textOf } from '../given.ts'
import { offeringPractice } from '../offer-practice.ts'
import { changing, withLab } from '../open-labs.ts'

interface Report {
  readonly outcome: UpOutcome
  /** For whoever has no word for flasklab in the shell. */
  readonly howToType: string
}

export const up: CliCommand<Omit<UpOptions, 'introduce'>, Report> = {
  usage: 'up',
  about: 'walk the eight phases; run again, it resumes',
  flags: [
    { flag: '--practice', about: 'build it on the practice cloud' },
    { flag: '--dry-run', about: 'show the plan, make nothing' },
    {
      flag: '--ssh-from <cidr>',
      about: 'who may use SSH, instead of your present address',
      parse: cidr,
    },
    {
      flag: '--allow-from <cidr>',
      about: 'who may open the site, instead of everyone',
      parse: cidr,
    },
    { flag: '--expires <time>', about: 'when it is to be gone: in 90m, 4h or 2d', parse: duration },
  ],
  options: (given) => ({
    dryRun: isGiven(given, 'dryRun'),
    sshFrom: textOf(given, 'sshFrom'),
    allowFrom: textOf(given, 'allowFrom'),
    expires: numberOf(given, 'expires'),
  }),
  async run(options, session) {
    const { up: walkPhases } = await import('../../commands/up.ts')
    const { introductionText } = await import('../../terminal/views/up.ts')
    const introduce: UpOptions['introduce'] = (introduction) =>
      session.tell({ kind: 'note', text: introductionText(introduction) })
    const outcome = await offeringPractice(session, (target) =>
      withLab(
        { lookup: 'make', changing: changing('up', options), target, again: target !== undefined },
        session,
        (kit) => walkPhases({ ...options, introduce }, kit),
        () => ({ by: 'walk' }),
      ),
    )
    return { outcome, howToType: howToType(session.io) }
  },
  json: ({ outcome }) => outcome,
  async view({ outcome, howToType }, paper) {
    const { upText } = await import('../../terminal/views/up.ts')
    return upText(outcome, paper) + howToType
  },
}

/** For whoever runs it from a clone: the commands that were just named need a word that the shell knows. */
function howToType({ program: typed, env, cwd }: Io): string {
  const folders = [dirname(typed), ...(env['PATH'] ?? '').split(delimiter)]
  if (folders.some((folder) => existsSync(join(folder, 'flasklab')))) return ''
  return `\n\n"flasklab" is here: node ${relative(cwd(), typed) || typed} ("npm link" makes the short word work)`
}
