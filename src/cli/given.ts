/** The flags that were given, by their names in camel case. */
export type Given = Readonly<Record<string, unknown>>

/** Whether a flag without a value was typed. */
export function isGiven(given: Given, name: string): boolean {
  return given[name] === true
}

/** The flag's value; undefined where it was not typed, or holds no text. */
export function textOf(given: Given, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}

/** The flag's value; undefined where it was not typed, or holds no number. */
export function numberOf(given: Given, name: string): number | undefined {
  const value = given[name]
  return typeof value === 'number' ? value : undefined
}
