/** What the stand-in for systemd honours of a unit; the sandbox lines are read over (the README says so). */
export interface Unit {
  readonly description: string
  readonly execStart: readonly string[]
  readonly workingDirectory: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly environmentFiles: readonly string[]
  readonly restart: 'always' | 'on-failure' | 'no'
  readonly restartMs: number
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
    settings.set(key, [...(settings.get(key) ?? []), line.slice(equals + 1).trim()])
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
    restartMs: seconds(last('[Service]RestartSec') ?? '100ms'),
  }
}

/** A systemd environment file: one NAME=value a line, quotes as in a shell, nothing expanded. */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const assignments = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[A-Za-z_]\w*=/.test(line))
  return Object.fromEntries(
    assignments.map((line) => {
      const [name, value] = splitAssignment(line)
      return [name, /^["']/.test(value) ? (splitWords(value)[0] ?? '') : value]
    }),
  )
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

function seconds(text: string): number {
  const match = /^([\d.]+)\s*(ms|s|min)?$/.exec(text)
  const scale = { ms: 1, s: 1_000, min: 60_000 }[match?.[2] ?? 's'] ?? 1_000
  return match ? Number(match[1]) * scale : 100
}
