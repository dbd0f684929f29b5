/** A unit as the stand-in for systemd honours it: without its sandbox lines (the README says so). */
export interface Unit {
  readonly description: string
  readonly execStart: readonly string[]
  readonly workingDirectory: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly environmentFiles: readonly string[]
  readonly restart: 'always' | 'on-failure' | 'no'
  readonly restartMs: number
  /** How long it may take to end when asked to. */
  readonly stopMs: number
}

export function parseUnit(text: string): Unit {
  const settings = new Map<string, string[]>()
  let section = ''
  for (const line of text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((each) => each.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[')) section = line
    const equals = line.indexOf('=')
    if (equals === -1 || line.startsWith('[')) continue
    const key = `${section}${line.slice(0, equals).trim()}`
    // The only specifier of systemd that is known here is the one for the percent sign itself.
    const value = line
      .slice(equals + 1)
      .trim()
      .replaceAll('%%', '%')
    settings.set(key, value === '' ? [] : [...(settings.get(key) ?? []), value])
  }
  const last = (key: string) => settings.get(key)?.at(-1)
  const restart = last('[Service]Restart') ?? 'no'
  return {
    description: last('[Unit]Description') ?? '',
    execStart: splitWords(last('[Service]ExecStart') ?? ''),
    workingDirectory: last('[Service]WorkingDirectory'),
    environment: Object.fromEntries(
      (settings.get('[Service]Environment') ?? []).flatMap(splitWords).map(splitAssignment),
    ),
    environmentFiles: settings.get('[Service]EnvironmentFile') ?? [],
    restart: restart === 'always' || restart === 'on-failure' ? restart : 'no',
    restartMs: milliseconds(last('[Service]RestartSec') ?? '100ms'),
    stopMs: milliseconds(last('[Service]TimeoutStopSec') ?? '15s'),
  }
}

function splitAssignment(text: string): [string, string] {
  const equals = text.indexOf('=')
  return [text.slice(0, equals), text.slice(equals + 1)]
}

/** Splits at spaces; quotes hold words together, a backslash in double quotes takes the next letter as it is. */
function splitWords(text: string): string[] {
  const words = text.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'])+/g) ?? []
  return words.map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
      double === undefined ? (single ?? '') : double.replace(/\\(.)/g, '$1'),
    ),
  )
}

/** A time span as systemd writes them, such as `2`, `250ms` or `1min 30s`. */
function milliseconds(text: string): number {
  const scale: Record<string, number> = { ms: 1, s: 1_000, min: 60_000, m: 60_000, h: 3_600_000 }
  const parts = [...text.matchAll(/([\d.]+)\s*([a-z]*)/g)]
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (scale[unit || 's'] ?? 1_000), 0)
}
