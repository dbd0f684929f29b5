/**
 * One word of a PowerShell command. A comma makes a list there, and Windows PowerShell 5.1 hands quotes within a word
 * and words without letters on to programs only where they are escaped as those expect it.
 */
export function powershellQuote(word: string, isWindows: boolean): string {
  if (/^(?:--?[A-Za-z0-9-]+|[A-Za-z0-9_./\\][A-Za-z0-9_./\\:=+-]*)$/.test(word)) return word
  if (word === '' && isWindows) return `'""'`
  return powershellText(isWindows ? word.replace(/(\\*)"/g, '$1$1\\"') : word)
}

/** Text in an expression of PowerShell. */
export function powershellText(text: string): string {
  // Each of these quotes ends the text, whichever began it.
  return `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`
}

/** One word of a cmd.exe command; programs read a backslash before a quote as one that escapes it. */
export function cmdQuote(word: string): string {
  if (/^[A-Za-z0-9_./:\\+@-]+$/.test(word)) return word
  return `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`
}
