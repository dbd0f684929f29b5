import type { LogsOptions } from '../../commands/logs.ts'
import { count } from '../argument-parsers.ts'
import type { CliCommand } from '../command.ts'
import { isGiven, numberOf } from '../given.ts'
import { withLab } from '../open-labs.ts'

const LINES = 50

/** Its report is the exit code of the journal on the server. */
export const logs: CliCommand<LogsOptions, number> = {
  usage: 'logs',
  about: 'what the app writes',
  flags: [
    { flag: '-n, --lines <count>', about: 'how many lines', parse: count, fallback: LINES },
    { flag: '-f, --follow', about: 'go on showing new lines' },
  ],
  options: (given) => ({ lines: numberOf(given, 'lines') ?? LINES, follow: isGiven(given, 'follow') }),
  async run(options, session) {
    const { logs: show } = await import('../../commands/logs.ts')
    return withLab({ lookup: 'find' }, session, (kit) => show(options, kit))
  },
  exitCode: (code) => code,
}
