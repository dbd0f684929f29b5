/** An environment file that systemd reads: everything in double quotes, so that `#`, `$` and spaces stay as they are. */
export function envFile(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"\n`)
    .join('')
}
