import { type Finding, hasCode, Interrupted, LabError, UsageError } from './lab/finding.ts'
import type { Ask, Kit } from './lab/ports.ts'
import { createAsk } from './terminal/prompts.ts'
import { renderFinding } from './terminal/render-finding.ts'
import { createReporter } from './terminal/reporter.ts'
import { createTheme, practiceBanner } from './terminal/theme.ts'
import { homeFolder, openWorld, type TargetName, type World, type WorldOptions } from './world.ts'

export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70, interrupted: 130 } as const

/** The flags that every command has. */
export interface Flags {
  readonly lab?: string
  readonly region?: string
  readonly profile?: string
  readonly json?: boolean
  readonly yes?: boolean
  readonly input?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly practice?: boolean
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
  readonly home: string
  readonly ask: Ask
  readonly tell: Kit['tell']
  /** Does the work; Ctrl-C ends it at once, whatever it is waiting for. */
  run<Value>(work: () => Promise<Value>): Promise<Value>
  withLab<Value>(options: LabOptions, work: (kit: Kit) => Promise<Value>): Promise<Value>
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

type LabOptions = Pick<WorldOptions, 'lookup'> & { readonly target?: TargetName | undefined }

export function createSession(flags: Flags): Session {
  const theme = createTheme(process.stderr, process.env)
  const interactive = isInteractive(flags)
  const reporter = createReporter({
    stream: process.stderr,
    theme,
    quiet: flags.quiet === true || flags.json === true,
    teaching: flags.yes !== true,
  })
  const ask = createAsk({ reporter, interactive, yes: flags.yes === true })
  const existing = new Map<string, string>()
  const home = homeFolder(process.env)
  let world: World | undefined
  let outcome: Result = {}

  const tell: Kit['tell'] = (event) => {
    if (event.kind === 'exists') existing.set(event.id, event.what)
    if (event.kind === 'gone') existing.delete(event.id)
    reporter.tell(event)
  }

  return {
    home,
    ask,
    tell,
    run: (work) => Promise.race([work(), interruption()]),
    async withLab({ lookup, target = flags.practice ? 'practice' : undefined }, work) {
      const { lab, region, profile } = flags
      world = await openWorld({ home, lab, target, region, profile, ask, tell, lookup })
      if (world.target === 'practice') tell({ kind: 'note', text: practiceBanner(theme) })
      return work(world.kit)
    },
    async offeringPractice(work) {
      try {
        return await work(undefined)
      } catch (error) {
        if (!hasCode(error, 'no-credentials') || !interactive || flags.yes === true) throw error
        tell({ kind: 'warning', finding: withPractice((error as LabError).finding) })
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
      outcome = result
    },
    async end() {
      reporter.end()
      await world?.close()
      if (flags.json && outcome.json !== undefined)
        await print(`${JSON.stringify(outcome.json, undefined, 2)}\n`)
      else if (outcome.text) await print(`${outcome.text}\n`)
      return outcome.code ?? EXIT.done
    },
    async misused(message) {
      const say = 'See which words and flags there are.'
      const error: Finding = { what: message, remedy: { say, run: ['flasklab --help'] } }
      if (flags.json) await print(`${JSON.stringify({ error }, undefined, 2)}\n`)
      return EXIT.usage
    },
    async fail(error) {
      reporter.end()
      const finding = findingOf(error, existing)
      if (flags.json) await print(`${JSON.stringify({ error: finding }, undefined, 2)}\n`)
      else process.stderr.write(`\n${renderFinding(finding, theme)}`)
      if (flags.verbose && error instanceof Error) process.stderr.write(`${traceOf(error)}\n`)
      if (!(error instanceof Interrupted)) await world?.close().catch(() => {})
      return exitCodeOf(error)
    },
  }
}

function isInteractive(flags: Flags): boolean {
  return flags.input !== false && process.stdin.isTTY === true && process.stderr.isTTY === true
}

/** Never settles but for Ctrl-C. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    process.once('SIGINT', () => reject(new Interrupted('Ctrl-C')))
  })
}

function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted
  if (error instanceof UsageError) return EXIT.usage
  return error instanceof LabError ? EXIT.failed : EXIT.bug
}

function findingOf(error: unknown, existing: ReadonlyMap<string, string>): Finding {
  if (hasCode(error, 'no-credentials')) return withPractice((error as LabError).finding)
  if (error instanceof LabError) return error.finding
  if (error instanceof Interrupted) return interrupted(existing)
  return {
    what: `A bug in flasklab: ${error instanceof Error ? error.message : String(error)}`,
    why: 'This should not happen, and it is not your fault. What was made is not lost.',
    remedy: {
      say: 'Run the command again; --verbose shows where it happened, for a report.',
      run: ['flasklab status'],
    },
  }
}

/** The adapters know of one cloud only; here it is known that there is another, which needs no credentials. */
function withPractice({ remedy, ...finding }: Finding): Finding {
  const say = `${remedy.say} Or use the practice cloud, which needs no account.`
  return { ...finding, remedy: { say, run: [...(remedy.run ?? []), 'flasklab up --practice'] } }
}

function interrupted(existing: ReadonlyMap<string, string>): Finding {
  const things = [...existing].map(([id, what]) => (id === what ? id : `${what} (${id})`))
  if (things.length === 0)
    return { what: 'Interrupted.', remedy: { say: 'Run the command again when you like.' } }
  return {
    what: 'Interrupted.',
    why: `There is: ${things.join(', ')}. On AWS this costs until it is deleted.`,
    remedy: {
      say: 'Go on where it stopped, or delete what there is.',
      run: ['flasklab up', 'flasklab cleanup'],
    },
  }
}

/** Where it happened. AWS repeats a request that it could not verify, session token and all: that part is cut. */
function traceOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\nCaused by: ${traceOf(error.cause)}` : ''
  const trace = (error.stack ?? error.message).replace(
    /\s*The Canonical String for this request[\s\S]*?(?=\n\s+at )/,
    '',
  )
  return `${trace}${cause}`
}

/** A reader that has had enough, as in `| head`, is no failure. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once('error', () => resolve())
    process.stdout.write(text, () => resolve())
  })
}
