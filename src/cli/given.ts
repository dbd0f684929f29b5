/** The flags that were given, by their names in camel case. */
export type Given = Readonly<Record<string, unknown>>

export function isGiven(given: Given, name: string): boolean {
  return given[name] === true
}

export function textOf(given: Given, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}

export function numberOf(given: Given, name: string): number | undefined {
  const value = given[name]
  return typeof value === 'number' ? value : undefined
}
