import type { Answers } from '../../host/visit.ts'

/** The last words of the journal, without where in the code an error was thrown. */
export function journalEnding(answers: Answers): string {
  const last = (answers['journal']?.text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(-6)
  return last.length === 0 ? '' : ` Its journal ends:\n${last.join('\n')}`
}
