/** A string literal for MySQL and MariaDB in their default mode. */
export function sqlQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** A value in an option file such as ~/.my.cnf. */
export function optionQuote(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
