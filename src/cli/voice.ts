import type { Command } from '../lab/command.ts'
import { writtenFinding } from '../lab/command-text.ts'
import type { Finding } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import type { Ask, Kit } from '../lab/ports/kit.ts'
import { inJson, type Shell } from '../lab/shell.ts'
import type { Paper } from '../terminal/paper.ts'
import { createAsk } from '../terminal/prompts.ts'
import { renderFinding } from '../terminal/render-finding.ts'
import { createReporter } from '../terminal/reporter.ts'
import { createTheme, type Theme, wrap } from '../terminal/theme.ts'
import type { Flags } from './flags.ts'

/** How a command talks, asks, and shows what it has found. */
export interface Voice {
  readonly ask: Ask
  readonly tell: Kit['tell']
  /** The paper for the result. */
  readonly paper: Paper
  /** How talk looks. */
  readonly theme: Theme
  /** Ends all talk: what comes now is the result. */
  end(): void
}

interface VoiceOptions {
  readonly io: Io
  readonly flags: Flags
  readonly shell: Shell
  readonly isInteractive: boolean
  /** A finding as it is told of this lab. */
  phrase(finding: Finding): Finding
  /** Commands as they are typed for this lab. */
  typed(run: readonly Command[]): readonly string[]
}

export function createVoice({ io, flags, shell, isInteractive, phrase, typed }: VoiceOptions): Voice {
  const { env, stdout, stderr, clock } = io
  const theme = createTheme(stderr, env, shell)
  const sheet = createTheme(stdout, env, shell)
  const reporter = createReporter({
    stream: stderr,
    theme,
    now: clock.now,
    quiet: flags.quiet || flags.json,
    teaching: !flags.yes,
  })
  const told = new Set<string>()
  const isOneScreen = stdout.isTTY === true && stderr.isTTY === true
  return {
    ask: createAsk({ io, reporter, interactive: isInteractive, yes: flags.yes }),
    tell(event) {
      if (event.kind !== 'warning') return reporter.tell(event)
      const finding = phrase(event.finding)
      told.add(renderFinding(finding, sheet))
      reporter.tell({ ...event, finding })
    },
    paper: {
      width: sheet.width,
      typed,
      written: (finding) => writtenFinding(finding, inJson(shell)),
      render(finding) {
        const text = renderFinding(finding, sheet)
        return isOneScreen && told.has(text) ? '' : text
      },
      fold: (text, indent = 0) => wrap(text, sheet.width, ' '.repeat(indent)).slice(indent),
    },
    theme,
    end: reporter.end,
  }
}
