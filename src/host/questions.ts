import { shellQuote } from '../formats/shell-quote.ts'

/** The output of a question's command, and its exit code. */
export interface Answer {
  readonly code: number
  readonly text: string
}

/** Answers by the names of their questions. */
export type Answers = Readonly<Record<string, Answer>>

/**
 * Each line of output is indented by a space, so that none can pass for the name of a question. The last one may
 * lack its end: the exit code begins a line of its own all the same.
 */
const ASK = `ask() { printf '#%s\\n' "$1"; bash -c "$2" 2>&1 | sed 's/^/ /'; printf '\\n=%s\\n' "\${PIPESTATUS[0]}"; }`

const END = 'end'

/** One command that asks several questions. */
export function inOne(questions: Readonly<Record<string, string>>): string {
  const asked = Object.entries(questions).map(([name, command]) => `ask ${name} ${shellQuote(command)}`)
  return [ASK, ...asked, `printf '#${END}\\n=0\\n'`].join('; ')
}

/** Nothing that was asked is missing: a shell that ends too early answers nothing, and with success. */
export function isWhole(answers: Answers): boolean {
  return answers[END] !== undefined
}

/** The answers by the names of their questions; those that the output cuts off are not among them. */
export function readAnswers(stdout: string): Answers {
  const answers: Record<string, Answer> = {}
  let name = ''
  let lines: string[] = []
  for (const line of stdout.split('\n')) {
    if (line.startsWith('#')) {
      name = line.slice(1)
      lines = []
    } else if (line.startsWith('=')) {
      answers[name] = { code: Number(line.slice(1)), text: lines.join('\n') }
    } else if (line.startsWith(' ')) {
      lines.push(line.slice(1))
    }
  }
  return answers
}
