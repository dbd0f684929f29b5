/** An environment file that systemd reads: everything in double quotes, so that `#`, `$` and spaces stay as they are. */
export function envFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`)
    .join('')
}

// The parts that a value is made of: 'as it is', "with escapes", or bare up to the end of the line.
const BARE = String.raw`(?:\\[\s\S]|[^\\ \t\n\r]|[ \t](?=[ \t]*[^ \t\n\r]))+`
const PART = String.raw`[ \t]*(?:'([^']*)'?|"((?:\\[\s\S]|[^"\\])*)"?|(${BARE}))`
// It goes on behind a backslash at the end of a line, as in systemd up to 253.
const COMMENT = String.raw`[ \t]*[#;](?:\\[\s\S]|[^\\\n\r])*`
const LINE = String.raw`^(?:${COMMENT}|[ \t]*([^#;=\s][^=\n\r]*?)[ \t]*=((?:${PART})*))`

/** Reads an environment file as systemd does: expands nothing, and leaves out lines that set nothing. */
export function parseEnvFile(text: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {}
  for (const [, name = '', value = ''] of text.matchAll(new RegExp(LINE, 'gm')))
    if (/^[A-Za-z_]\w*$/.test(name)) settings[name] = joinParts(value)
  return settings
}

function joinParts(value: string): string {
  const parts = [...value.matchAll(new RegExp(PART, 'g'))]
  return parts
    .map(([, single, double, bare]) => single ?? unescapeQuoted(double) ?? unescapeBare(bare))
    .join('')
}

/** A backslash that escapes nothing stays, as in a shell. */
function unescapeQuoted(text: string | undefined): string | undefined {
  return text?.replace(/\\([\s\S])/g, (both, letter: string) => {
    if (letter === '\n') return ''
    return '"\\`$'.includes(letter) ? letter : both
  })
}

function unescapeBare(text = ''): string {
  return text.replace(/\\([\s\S])/g, (_, letter: string) => (/[\n\r]/.test(letter) ? '' : letter))
}
