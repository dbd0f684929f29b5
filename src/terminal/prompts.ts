import { Interrupted, UsageError } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import type { Ask } from '../lab/ports/kit.ts'
import type { Reporter } from './reporter.ts'

export interface AskOptions {
  readonly io: Pick<Io, 'stdin' | 'stderr'>
  readonly reporter: Reporter
  /** A person sits at a terminal and may be asked. */
  readonly interactive: boolean
  readonly yes: boolean
}

/** Questions at the terminal; without one, a question that nothing has answered is wrong usage. */
export function createAsk({ io, reporter, interactive, yes }: AskOptions): Ask {
  const screen = { input: io.stdin, output: io.stderr }
  return {
    async confirm(question, { fallback, flag }) {
      if (yes) return true
      if (interactive) return put(question, fallback)
      throw unanswered(question, flag)
    },
    async typeBack(question, { word, flag }) {
      if (yes) return true
      if (interactive) return (await putWord(question)).trim() === word
      throw unanswered(question, flag)
    },
    async goOn(question) {
      return yes || !interactive || put(question, true)
    },
  }

  function put(message: string, fallback: boolean): Promise<boolean> {
    return asking(({ confirm }) => confirm({ message, default: fallback }, screen))
  }

  function putWord(message: string): Promise<string> {
    return asking(({ input }) => input({ message }, screen))
  }

  async function asking<Answer>(question: (prompts: Prompts) => Promise<Answer>): Promise<Answer> {
    reporter.pause()
    try {
      // Loaded when there is a question: it takes as long as everything else at the start together.
      return await question(await import('@inquirer/prompts'))
    } catch (error) {
      // Ctrl-C at a prompt; the class is not exported under one name by all versions.
      if ((error as Error).name === 'ExitPromptError')
        throw new Interrupted('Ctrl-C at a question', { cause: error })
      throw error
    }
  }
}

type Prompts = typeof import('@inquirer/prompts')

function unanswered(question: string, flag: string): UsageError {
  return new UsageError({
    what: `This can’t be asked, without a terminal or with --no-input: ${question}`,
    remedy: { say: `Answer it on the command line with ${flag}.` },
  })
}
