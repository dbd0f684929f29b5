import { commandLines } from '../lab/command-text.ts'
import type { Finding } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { redactFinding, redactRecorded } from '../lab/redact.ts'
import type { Shell } from '../lab/shell.ts'
import { readerShell } from '../terminal/reader-shell.ts'
import { openHome } from '../world/open-home.ts'
import type { Whereabouts } from '../world/options.ts'
import type { Situation } from './failure.ts'
import type { Flags } from './flags.ts'
import { forThisLab, inThisLab } from './in-this-lab.ts'
import { existingAfter, newProgress, type Progress } from './progress.ts'
import { createVoice, type Voice } from './voice.ts'

/** One run of a command: its surroundings, the typed words, its voice and its progress. */
export interface Session extends Voice {
  readonly io: Io
  readonly home: string
  readonly command: string
  /** All that was typed behind "flasklab". */
  readonly words: readonly string[]
  readonly flags: Flags
  /** Where the flags say that the lab is. */
  readonly whereabouts: Whereabouts
  /** The shell for which remedies are written. */
  readonly shell: Shell
  /** Whether somebody sits at a terminal and may be asked. */
  readonly isInteractive: boolean
  readonly progress: Progress
}

type Typed = Pick<Session, 'io' | 'command' | 'words' | 'flags'>

export function createSession(typed: Typed): Session {
  const { io, flags } = typed
  const shell = readerShell(io)
  const isInteractive = flags.input && io.stdin.isTTY === true && io.stderr.isTTY === true
  const { home, labs } = openHome(io.env)
  const progress = newProgress()
  const known = { ...typed, home, progress }
  const voice = createVoice({
    io,
    flags,
    shell,
    isInteractive,
    phrase: (finding) => inThisSession(withoutSecrets(finding, progress), known),
    typed: (run) => commandLines(forThisLab(run, situationOf(known)), shell),
  })
  const tell: Kit['tell'] = (event) => {
    progress.existing = existingAfter(event, progress.existing)
    voice.tell(event)
  }
  const { lab, region, profile, practice } = flags
  const target = practice ? ('practice' as const) : undefined
  return {
    ...known,
    ...voice,
    tell,
    shell,
    isInteractive,
    whereabouts: { io, home, labs, lab, target, region, profile },
  }
}

type Known = Typed & Pick<Session, 'home' | 'progress'>

/** All that is known when a command fails, or prints commands. */
export function situationOf({ command, words, home, flags, progress }: Known): Situation {
  const { target, kit } = progress.opened ?? {}
  return {
    command,
    words,
    home,
    flags,
    target,
    existing: progress.existing,
    isRecorded: kit?.record.isSaved === true,
    renewCredentials: kit?.laptop.renewCredentials ?? [],
  }
}

/** A finding with the commands of its remedy as they are typed for the lab that is open. */
export function inThisSession(finding: Finding, known: Known): Finding {
  return inThisLab(finding, situationOf(known))
}

/** The finding without the passwords of the lab that is open. */
export function withoutSecrets(finding: Finding, { opened }: Progress): Finding {
  return opened?.kit === undefined ? finding : redactFinding(finding, redactRecorded(opened.kit.record.value))
}
