import { Interrupted, UsageError } from '../lab/finding.ts'
import type { Ask } from '../lab/ports.ts'
import type { Reporter } from './reporter.ts'

export interface AskOptions {
  readonly reporter: Reporter
  /** A person sits at a terminal and may be asked. */
  readonly interactive: boolean
  readonly yes: boolean
}

/** Questions at the terminal; without one, a question that nothing has answered is wrong usage. */
export function createAsk({ reporter, interactive, yes }: AskOptions): Ask {
  return {
    async confirm(question, { fallback, flag }) {
      if (yes) return true
      if (interactive) return put(question, fallback)
      throw new UsageError({
        what: `There is no terminal to ask: ${question}`,
        remedy: { say: `Answer it on the command line with ${flag}.` },
      })
    },
    async goOn(question) {
      return yes || !interactive || put(question, true)
    },
  }

  async function put(message: string, fallback: boolean): Promise<boolean> {
    reporter.pause()
    try {
      // Loaded when there is a question: it takes as long as everything else at the start together.
      const { confirm } = await import('@inquirer/prompts')
      return await confirm({ message, default: fallback }, { output: process.stderr })
    } catch (error) {
      // Ctrl-C at a prompt; the class is not exported under one name by all versions.
      if ((error as Error).name === 'ExitPromptError')
        throw new Interrupted('Ctrl-C at a question', { cause: error })
      throw error
    }
  }
}
