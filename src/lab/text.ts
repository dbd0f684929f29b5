/** What a program or a server has said, so that a sentence of ours can follow. */
export function withFullStop(said: string): string {
  const text = said.trim()
  return text === '' || /[.!?:]$/.test(text) ? text : `${text}.`
}
