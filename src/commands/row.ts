const WIDTH = 80

/** A row of a table. Names and ids are not cut: a last cell that no longer fits goes below, `indent` columns in. */
export function row(cells: string, last: string, indent: number): string {
  const used = cells.length - (cells.lastIndexOf('\n') + 1)
  const fits = used + 2 + last.length <= WIDTH
  return (fits ? `${cells}  ${last}` : `${cells.trimEnd()}\n${' '.repeat(indent)}${last}`).trimEnd()
}
