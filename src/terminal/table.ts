import { wrap } from './theme.ts'

export interface Column {
  /** In characters; left out, as wide as the longest cell. */
  readonly width?: number
  readonly align?: 'right'
  /** A cell that is too long has a line of its own, and does not push the others aside. */
  readonly ownLine?: boolean
}

interface Layout {
  readonly columns: readonly Column[]
  /** Between two columns. */
  readonly gap: number
  /** Before each row. */
  readonly indent: number
  /** How wide the screen is. */
  readonly width: number
  /**
   * One more cell at the end, which may be too long for the screen. Prose is folded under its own beginning; names and
   * ids are not cut, and go below as a whole, that many columns in.
   */
  readonly last?: 'folded' | { readonly below: number }
}

/** Rows of cells as lines of text, without blanks at their ends. */
export function table(rows: readonly (readonly string[])[], layout: Layout): string[] {
  const { gap, indent } = layout
  const columns = layout.columns.map((column, index) => ({
    ...column,
    width: column.width ?? Math.max(0, ...rows.map((cells) => cells[index]?.length ?? 0)),
  }))
  return rows.map((cells) => {
    const padded = columns.map((column, index) => pad(cells[index] ?? '', column, layout))
    const line = `${' '.repeat(indent)}${padded.join(' '.repeat(gap))}`
    return withLast(line, cells[columns.length] ?? '', layout).trimEnd()
  })
}

function pad(
  cell: string,
  { width, align, ownLine }: Column & { readonly width: number },
  { gap, indent }: Layout,
): string {
  if (align === 'right') return cell.padStart(width)
  const isTooLong = ownLine === true && cell.length + (gap === 0 ? 1 : 0) > width
  return isTooLong ? `${cell}\n${' '.repeat(indent + width)}` : cell.padEnd(width)
}

function withLast(line: string, last: string, { width, last: kind }: Layout): string {
  if (kind === undefined) return line
  if (kind === 'folded') {
    const start = line.length + 2
    return `${line}  ${wrap(last, width, ' '.repeat(start)).slice(start)}`
  }
  const used = line.length - (line.lastIndexOf('\n') + 1)
  const fits = used + 2 + last.length <= width
  return fits ? `${line}  ${last}` : `${line.trimEnd()}\n${' '.repeat(kind.below)}${last}`
}
