/** The settings in the handout's db_config.py, each as a value or as the default of an environment variable. */
export function parsePythonConfig(text: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {}
  const string = `(?:'([^']*)'|"([^"]*)")`
  const entry = new RegExp(
    `['"](\\w+)['"]\\s*:\\s*(?:os\\.\\w+(?:\\.get)?\\(\\s*['"]\\w+['"]\\s*,\\s*)?${string}`,
    'g',
  )
  for (const [, name = '', single, double] of text.matchAll(entry)) settings[name] = single ?? double ?? ''
  return settings
}
