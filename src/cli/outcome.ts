import { flasklab } from '../lab/command.ts'
import { type Finding, Interrupted, LabError } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import { renderFinding } from '../terminal/render-finding.ts'
import type { CliCommand } from './command.ts'
import { withVerdict } from './exercise.ts'
import { EXIT, exitCodeOf, findingOf, traceOf } from './failure.ts'
import { finish, type Progress } from './progress.ts'
import { type Session, situationOf, withoutSecrets } from './session.ts'

/** Prints what a command has found; the exit code. */
export async function endWith<Report>(
  report: Report,
  { json, view, exitCode }: Pick<CliCommand<never, Report>, 'json' | 'view' | 'exitCode'>,
  session: Session,
): Promise<number> {
  const { paper, progress, flags, io } = session
  const printed = { json: json?.(report, paper), text: await view?.(report, paper) }
  const shown = progress.verdict === undefined ? printed : withVerdict(printed, progress.verdict)
  session.end()
  if (flags.json && shown.json !== undefined) await print(io, `${JSON.stringify(shown.json, undefined, 2)}\n`)
  else if (shown.text) await print(io, `${shown.text}\n`)
  return exitCode?.(report) ?? EXIT.done
}

/** Prints which words or flags the command line does not know; the exit code. */
export async function endMisused(message: string, session: Session): Promise<number> {
  const say = 'See which words and flags there are.'
  const run = [flasklab('', { help: true })]
  // commander has said on stderr what is wrong.
  if (session.flags.json) await printError({ what: message, remedy: { say, run } }, session)
  return EXIT.usage
}

/** Ctrl-C is how one leaves these. */
const LEFT_BY_CTRL_C: readonly string[] = ['logs', 'ssh']

/** Prints what went wrong, and lets the lab go; the exit code. */
export async function endFailed(error: unknown, session: Session): Promise<number> {
  const { io, flags, command, progress, theme } = session
  session.end()
  if (error instanceof Interrupted && LEFT_BY_CTRL_C.includes(command)) return EXIT.interrupted
  const finding = withoutSecrets(findingOf(error, situationOf(session)), progress)
  if (flags.json) await printError(finding, session)
  else io.stderr.write(`\n${renderFinding(finding, theme)}`)
  if (flags.verbose && error instanceof Error) io.stderr.write(`${traceOf(error)}\n`)
  if (error instanceof Interrupted) await leaveInTime(progress)
  else await finish(progress).catch(() => {})
  return exitCodeOf(error, situationOf(session))
}

const TAKE_BACK_MS = 5_000

/** Takes back what must not be left behind and lets the lab go, but keeps nobody who wants out for longer. */
async function leaveInTime({ opened, isOpen }: Progress): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, TAKE_BACK_MS)
  })
  await Promise.race([opened?.takeBack?.(), late])
  clearTimeout(timer)
  if (isOpen) opened?.letGo()
}

/** On stderr where stdout itself is what failed. */
async function printError(finding: Finding, { io, paper }: Session): Promise<void> {
  const text = `${JSON.stringify({ error: paper.written(finding) }, undefined, 2)}\n`
  await print(io, text).catch(() => io.stderr.write(text))
}

/** A reader that has had enough, as in `| head`, is no failure; any other loss of the result is. */
function print({ stdout }: Io, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stdout.write(text, (error) => {
      if (error && !isEndOfPipe(error)) reject(lostResult(error))
      else resolve()
    })
  })
}

function isEndOfPipe(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE'
}

function lostResult(cause: Error): LabError {
  return new LabError(
    {
      what: 'The result could not be written to the standard output.',
      why: cause.message,
      remedy: { say: 'Look where the output goes; the work itself is done.', run: [flasklab('status')] },
    },
    { cause },
  )
}
