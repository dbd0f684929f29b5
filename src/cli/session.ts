import { flasklab } from '../lab/command.ts'
import { commandLines, writtenFinding } from '../lab/command-text.ts'
import { deadlinePassed } from '../lab/deadline.ts'
import type { Ending, Verdict } from '../lab/exercise.ts'
import { type Finding, hasCode, Interrupted, LabError, type WrittenFinding } from '../lab/finding.ts'
import type { Io, Output } from '../lab/io.ts'
import type { LabSearch } from '../lab/lab-search.ts'
import type { Account, Ask, Kit } from '../lab/ports/kit.ts'
import type { Prices } from '../lab/prices.ts'
import { redactFinding, redactRecorded } from '../lab/redact.ts'
import { inJson, type Shell } from '../lab/shell.ts'
import type { Paper } from '../terminal/paper.ts'
import { createAsk } from '../terminal/prompts.ts'
import { readerShell } from '../terminal/reader-shell.ts'
import { renderFinding } from '../terminal/render-finding.ts'
import { createReporter } from '../terminal/reporter.ts'
import { createTheme, practiceBanner, wrap } from '../terminal/theme.ts'
import {
  askPricesForLab,
  homeFolder,
  type OpenAccount,
  openAccount,
  openWorld,
  type World,
} from '../world/open-world.ts'
import type { WorldOptions } from '../world/options.ts'
import type { TargetName } from '../world/target.ts'
import { regionOfLab } from '../world/which-lab.ts'
import { examine, judged, withVerdict } from './exercise.ts'
import { EXIT, exitCodeOf, findingOf, type Situation, type Thing, traceOf, withPractice } from './failure.ts'
import { forThisLab, inThisLab, type LabFlags } from './in-this-lab.ts'

/** The flags that every command has. */
export interface Flags extends LabFlags {
  readonly json?: boolean
  readonly yes?: boolean
  readonly input?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** In how many ms from now the lab is to be gone. */
  readonly expires?: number
}

export interface Result {
  readonly code?: number
  /** What goes to stdout under `--json`. */
  readonly json?: unknown
  /** What goes to stdout otherwise. */
  readonly text?: string
}

/** One run of a command: its voice, its questions, its lab, and how it ends. */
export interface Session {
  readonly io: Io
  readonly home: string
  /** A finding with the commands of its remedy as they are typed for this lab. */
  inThisLab(finding: Finding): Finding
  /** A finding as part of a result under `--json`. */
  json(finding: Finding): WrittenFinding
  /** What the result is written on. */
  readonly paper: Paper
  readonly ask: Ask
  readonly tell: Kit['tell']
  /** Does the work; Ctrl-C ends it at once, whatever it is waiting for. */
  run<Value>(work: () => Promise<Value>): Promise<Value>
  /** `searched`: where a lab was looked for that has no record. */
  withLab<Value>(
    options: LabOptions,
    work: (kit: Kit, searched: LabSearch | undefined) => Promise<Value>,
    /** How the command ended, for the exercise that is set in the lab. */
    ending?: (value: Value) => Ending | undefined,
  ): Promise<Value>
  /** All labs of the account, not only the student's own. */
  withAccount<Value>(work: (account: Account) => Promise<Value>): Promise<Value>
  /** Whether anybody bills for what the lab makes, once one is open. */
  readonly bills: boolean
  /** Where the lab is, or would be. */
  region(): Promise<string>
  /** Today's prices there, asked of AWS. */
  askPrices(): Promise<Prices>
  /** Without AWS credentials, offers whoever sits at the terminal the cloud that needs none. */
  offeringPractice<Value>(work: (target: TargetName | undefined) => Promise<Value>): Promise<Value>
  finish(result: Result): void
  /** Prints the result; the exit code. */
  end(): Promise<number>
  /** Words or flags that the command line does not know; the exit code. */
  misused(message: string): Promise<number>
  /** Prints what went wrong; the exit code. */
  fail(error: unknown): Promise<number>
}

const LEFT_BY_CTRL_C: readonly string[] = ['logs', 'ssh']

type LabOptions = Pick<WorldOptions, 'lookup' | 'changing' | 'id' | 'handmade'> & {
  /** Which lab is meant where the student names none. */
  readonly lab?: string | undefined
  readonly target?: TargetName | undefined
}

interface SessionOptions {
  readonly io: Io
  readonly flags: Flags
  readonly command: string
  /** The command line. */
  readonly words: readonly string[]
  /** Fails when somebody wants the command to end. */
  readonly interrupted: Promise<never>
}

export function createSession({ io, flags, command, words, interrupted }: SessionOptions): Session {
  const { env, stdout, stderr } = io
  const shell = readerShell(io)
  const theme = createTheme(stderr, env, shell)
  const interactive = isInteractive(flags, io)
  const reporter = createReporter({
    stream: stderr,
    theme,
    now: io.clock.now,
    quiet: flags.quiet === true || flags.json === true,
    teaching: flags.yes !== true,
  })
  const ask = createAsk({ io, reporter, interactive, yes: flags.yes === true })
  let existing: readonly Thing[] = []
  const home = homeFolder(env)
  let world: World | undefined
  let account: OpenAccount | undefined
  let outcome: Result = {}
  let verdict: Verdict | undefined
  const sheet = createTheme(stdout, env, shell)
  const told = new Set<string>()

  const tell: Kit['tell'] = (event) => {
    if (event.kind === 'exists' && !existing.some((each) => isSame(each, event)))
      existing = [...existing, event]
    if (event.kind === 'gone') existing = existing.filter((each) => each.id !== event.id)
    if (event.kind !== 'warning') return reporter.tell(event)
    const finding = inThisLab(withoutSecrets(event.finding), situation())
    told.add(renderFinding(finding, sheet))
    reporter.tell({ ...event, finding })
  }
  const withoutSecrets = (finding: Finding) =>
    world === undefined ? finding : redactFinding(finding, redactRecorded(world.kit.record.value))
  const situation = (): Situation => ({
    command,
    words,
    home,
    target: (world ?? account)?.target,
    existing,
    flags,
    isRecorded: world?.kit.record.isSaved === true,
    renewCredentials: world?.kit.laptop.renewCredentials ?? [],
  })

  const tellOfCloud = (target: TargetName) => {
    if (target === 'practice') tell({ kind: 'note', text: practiceBanner(theme) })
  }
  /** Whoever is just about to delete the lab, or to put its end off, knows. */
  const warnOfDeadline = ({ record }: Pick<Kit, 'record'>) => {
    const finding = deadlinePassed(record.value, io.clock.now())
    if (finding === undefined || command === 'cleanup' || flags.expires !== undefined) return
    tell({ kind: 'warning', finding })
  }

  const paper: Paper = {
    width: sheet.width,
    typed: (run) => commandLines(forThisLab(run, situation()), shell),
    render(finding) {
      const text = renderFinding(finding, sheet)
      return told.has(text) && stdout.isTTY && stderr.isTTY ? '' : text
    },
    fold: (text, indent = 0) => wrap(text, sheet.width, ' '.repeat(indent)).slice(indent),
  }
  const whereabouts = {
    io,
    home,
    lab: flags.lab,
    target: flags.practice ? ('practice' as const) : undefined,
    region: flags.region,
    profile: flags.profile,
  }

  return {
    io,
    home,
    get bills() {
      return (world ?? account)?.target !== 'practice'
    },
    region: () => regionOfLab(whereabouts),
    askPrices: () => askPricesForLab(whereabouts),
    inThisLab: (finding) => inThisLab(finding, situation()),
    json: (finding) => writtenFinding(finding, inJson(shell)),
    paper,
    ask,
    tell,
    run: (work) => Promise.race([work(), interrupted]),
    async withLab({ target = flags.practice ? 'practice' : undefined, ...options }, work, ending) {
      const { region, profile } = flags
      const lab = flags.lab ?? options.lab
      const isFirst = world === undefined
      await world?.close()
      world = await openWorld({ io, home, target, region, profile, ask, tell, examine, ...options, lab })
      if (isFirst) {
        tellOfCloud(world.target)
        warnOfDeadline(world.kit)
      }
      if (options.handmade) tell({ kind: 'note', text: whereByHand(world.target, world.kit) })
      const opened = world
      if (ending === undefined) return work(opened.kit, opened.searched)
      const ended = await judged(() => work(opened.kit, opened.searched), {
        ending,
        judge: opened.judge,
        tell,
      })
      verdict = ended.verdict
      return ended.value
    },
    async withAccount(work) {
      account = await openAccount({ ...whereabouts, ask, tell, examine })
      tellOfCloud(account.target)
      return work(account.account)
    },
    async offeringPractice(work) {
      try {
        return await work(undefined)
      } catch (error) {
        if (!hasCode(error, 'no-credentials') || !interactive || flags.yes === true) throw error
        tell({ kind: 'warning', finding: withPractice((error as LabError).finding, situation()) })
        const isWanted = await ask.confirm(
          'Use the practice cloud instead? It needs no account and costs nothing.',
          {
            fallback: true,
            flag: '--practice',
          },
        )
        if (!isWanted) throw error
        return work('practice')
      }
    },
    finish(result) {
      outcome = verdict === undefined ? result : withVerdict(result, verdict)
    },
    async end() {
      reporter.end()
      await world?.close()
      await account?.close()
      if (flags.json && outcome.json !== undefined)
        await print(stdout, `${JSON.stringify(outcome.json, undefined, 2)}\n`)
      else if (outcome.text) await print(stdout, `${outcome.text}\n`)
      return outcome.code ?? EXIT.done
    },
    async misused(message) {
      const say = 'See which words and flags there are.'
      const error: Finding = { what: message, remedy: { say, run: [flasklab('', { help: true })] } }
      if (flags.json) await printError(error, shell, io)
      return EXIT.usage
    },
    async fail(error) {
      reporter.end()
      // Ctrl-C is how one leaves these.
      if (error instanceof Interrupted && LEFT_BY_CTRL_C.includes(command)) return EXIT.interrupted
      const finding = withoutSecrets(findingOf(error, situation()))
      if (flags.json) await printError(finding, shell, io)
      else stderr.write(`\n${renderFinding(finding, theme)}`)
      if (flags.verbose && error instanceof Error) stderr.write(`${traceOf(error)}\n`)
      if (error instanceof Interrupted) await inTime(world?.takeBack())
      else {
        await world?.close().catch(() => {})
        await account?.close().catch(() => {})
      }
      return exitCodeOf(error, situation())
    },
  }
}

/** No record says on which cloud a lab is that was made by hand. */
function whereByHand(target: TargetName, { cloud }: Pick<Kit, 'cloud'>): string {
  const where =
    target === 'practice'
      ? `the practice cloud (${cloud.region})`
      : `AWS (${cloud.region}; --practice looks at the practice cloud)`
  return `A lab made by hand, on ${where}. It is only read.`
}

function isSame(one: Thing, other: Thing): boolean {
  return one.what === other.what && one.id === other.id
}

function isInteractive(flags: Flags, { stdin, stderr }: Io): boolean {
  return flags.input !== false && stdin.isTTY === true && stderr.isTTY === true
}

const TAKE_BACK_MS = 5_000

/** Nobody who wants out is kept for longer. */
async function inTime(work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, TAKE_BACK_MS)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

/** A reader that has had enough, as in `| head`, is no failure; any other loss of the result is. */
function print(stdout: Output, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error | null) => {
      stdout.off('error', settle)
      if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(lostResult(error))
      else resolve()
    }
    stdout.once('error', settle)
    stdout.write(text, settle)
  })
}

/** On stderr where stdout itself is what failed. */
async function printError(
  finding: Finding,
  shell: Shell,
  { stdout, stderr }: Pick<Io, 'stdout' | 'stderr'>,
): Promise<void> {
  const error = writtenFinding(finding, inJson(shell))
  const text = `${JSON.stringify({ error }, undefined, 2)}\n`
  await print(stdout, text).catch(() => stderr.write(text))
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
