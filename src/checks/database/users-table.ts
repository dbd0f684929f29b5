import type { ColumnSeen, TableSeen } from '../evidence/schema.ts'

/** Something about the table users for which the app can't work as it should. */
export interface Difference {
  /** Completes "The table users …". */
  readonly is: string
  /** The consequence for the app, as a sentence. */
  readonly breaks: string
  /** The clause of ALTER TABLE users that mends it. */
  readonly alter: string
}

/** The columns that the app's statements name, as in sql/schema.sql. */
export const COLUMNS = {
  id: 'INT NOT NULL AUTO_INCREMENT',
  name: 'VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL',
  password_hash: 'VARCHAR(255) NOT NULL',
} as const

/** How long what the app stores may be. */
export const LENGTHS = { name: 50, password_hash: 88 } as const

/** The character sets that hold every character. */
const CHARSETS = ['utf8mb4', 'utf16', 'utf16le', 'utf32']

/** Differences for which the database reports no error, but does other than the app means. */
export function silentDifferences({ columns, hasUniqueName }: TableSeen): readonly Difference[] {
  return [...columns.flatMap(unfitColumn), ...(hasUniqueName ? [] : [REPEATED_NAMES])]
}

export function missingColumns({ columns }: TableSeen): readonly string[] {
  return Object.keys(COLUMNS).filter((name) => !columns.some((column) => column.name === name))
}

/** The columns that sql/schema.sql does not make. */
export function strangeColumns({ columns }: TableSeen): readonly string[] {
  return columns.map(({ name }) => name).filter((name) => !(name in COLUMNS) && name !== 'created_at')
}

function unfitColumn({ name, kind, type, length, charset, collation }: ColumnSeen): readonly Difference[] {
  if (name !== 'name' && name !== 'password_hash') return []
  const alter = `MODIFY COLUMN ${name} ${COLUMNS[name]}`
  if (!/^(var)?char$|text$/.test(kind) || length < LENGTHS[name])
    return [{ is: `has ${name} as ${type}`, breaks: TOO_SMALL[name], alter }]
  // The hash is of plain letters, and is never compared by the database.
  if (name === 'password_hash') return []
  if (!CHARSETS.includes(charset)) return [{ is: `has name in ${charset}`, breaks: NO_PLACE, alter }]
  if (/_ci$/.test(collation)) return []
  return [{ is: `compares names by ${collation}`, breaks: TELLS_CASE, alter }]
}

const TOO_SMALL = {
  name: 'The app stores names of up to 50 characters there; others are refused or mangled (ER_DATA_TOO_LONG, ER_TRUNCATED_WRONG_VALUE).',
  password_hash:
    'The hash of a password has 88 characters and does not fit, so registering fails (ER_DATA_TOO_LONG), or nobody can log in.',
} as const
const NO_PLACE =
  'A name with a letter that it has no place for, such as that of Łukasz, is refused, and the app answers 503 (ER_TRUNCATED_WRONG_VALUE).'
const TELLS_CASE = 'That tells upper case from lower: Zoe and zoe can both register.'

const REPEATED_NAMES: Difference = {
  is: 'has no UNIQUE index on name',
  breaks:
    'Only that index refuses a name that is taken: without it a second visitor can register it, and then one of the two can’t log in.',
  alter: 'ADD UNIQUE (name)',
}
