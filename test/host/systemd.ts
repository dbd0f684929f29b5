/**
 * An environment file as systemd reads it: the states of `parse_env_file_internal` in its
 * src/basic/env-file.c (version 252), of which it is a transcription.
 */
export function readAsSystemd(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  let state = 'before-key'
  let key = ''
  let value = ''
  let keptSpace = ''
  const push = () => {
    values[key.trimEnd()] = value
    key = value = keptSpace = ''
  }
  for (const letter of text) {
    const isNewline = letter === '\n' || letter === '\r'
    const isSpace = ' \t\n\r'.includes(letter)
    switch (state) {
      case 'before-key':
        if ('#;'.includes(letter)) state = 'comment'
        else if (!isSpace) {
          state = 'key'
          key = letter
        }
        break
      case 'key':
        if (isNewline) {
          state = 'before-key'
          key = ''
        } else if (letter === '=') state = 'before-value'
        else key += letter
        break
      case 'before-value':
      case 'value':
        if (isNewline) {
          push()
          state = 'before-key'
        } else if (letter === "'") state = 'single'
        else if (letter === '"') state = 'double'
        else if (letter === '\\') state = 'value-escape'
        else if (isSpace) {
          if (state === 'value') keptSpace += letter
        } else {
          value += keptSpace + letter
          keptSpace = ''
          state = 'value'
        }
        break
      case 'value-escape':
        state = 'value'
        if (!isNewline) value += letter
        break
      case 'single':
        if (letter === "'") state = 'before-value'
        else value += letter
        break
      case 'double':
        if (letter === '"') state = 'before-value'
        else if (letter === '\\') state = 'double-escape'
        else value += letter
        break
      case 'double-escape':
        state = 'double'
        if ('"\\`$'.includes(letter)) value += letter
        else if (letter !== '\n') value += `\\${letter}`
        break
      default:
        if (isNewline) state = 'before-key'
    }
  }
  if (state !== 'before-key' && state !== 'comment') push()
  return values
}
