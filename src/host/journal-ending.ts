/** The last words of a journal, without where in the code an error was thrown. */
export function journalEnding(journal: string, lines: number): string {
  return journal
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
    .slice(-lines)
    .join('\n')
}
