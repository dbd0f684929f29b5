/** A login shell's own files may print something before what was asked for. */
export function lastLine(printed: string): string {
  return printed.trimEnd().split('\n').at(-1) ?? ''
}

/** Ends the words of a program or server with a full stop, so that a sentence of ours can follow. */
export function withFullStop(said: string): string {
  const text = said.trim()
  return text === '' || /[.!?:]$/.test(text) ? text : `${text}.`
}
