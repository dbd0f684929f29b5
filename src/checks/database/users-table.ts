/** What the app needs of its table, told by information_schema of MySQL and of MariaDB. */

type Row = Readonly<Record<string, unknown>>

export interface TableSeen {
  readonly columns: readonly Row[]
  readonly indexes: readonly Row[]
  /** The column that holds hashes, where password_hash is missing and there is one that does. */
  readonly hashesIn?: string | undefined
}

export interface Difference {
  /** Completes "The table users …". */
  readonly is: string
  /** What does not work for it, as a sentence. */
  readonly breaks: string
  /** What ALTER TABLE users mends it. */
  readonly alter: string
}

export const COLUMNS_SQL =
  'SELECT COLUMN_NAME AS name, DATA_TYPE AS kind, COLUMN_TYPE AS type, CHARACTER_MAXIMUM_LENGTH AS length, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS fallback, EXTRA AS extra, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, @@SESSION.sql_mode AS mode FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?'

export const INDEXES_SQL =
  'SELECT INDEX_NAME AS name, COLUMN_NAME AS `column`, SEQ_IN_INDEX AS place, NON_UNIQUE AS repeats, SUB_PART AS part FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?'

export const TABLES_SQL =
  'SELECT TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?'

/** As in sql/schema.sql. */
const COLUMNS: Readonly<Record<string, string>> = {
  id: 'INT NOT NULL AUTO_INCREMENT',
  name: 'VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL',
  password_hash: 'VARCHAR(255) NOT NULL',
  created_at: 'TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
}

/** How long what the app stores may be. */
export const LENGTHS: Readonly<Record<string, number>> = { name: 50, password_hash: 88 }

const UNIQUE_NAME = 'ADD UNIQUE (name)'

/** Those in which every character has its place. */
const CHARSETS = ['utf8mb4', 'utf16', 'utf16le', 'utf32']

const FILLED_BY_APP = Object.keys(LENGTHS)

/** What keeps the app from working; a table that merely looks otherwise is as good. */
export function differences(seen: TableSeen): readonly Difference[] {
  const missing = Object.keys(COLUMNS).filter((name) => lacks(seen, name))
  const renamed = missing.flatMap((name) => {
    const former = formerName(name, seen)
    return former === undefined ? [] : [{ name, former }]
  })
  const table = renamed.reduce(renamedBack, seen)
  const isRenamed = (column: Row) => renamed.some(({ name }) => name === column['name'])
  return [
    ...renamed.map(renamedColumn),
    ...missing.filter((name) => lacks(table, name)).map((name) => lostColumn(name, table)),
    // A column that is renamed gets its type by that.
    ...table.columns.filter((column) => !isRenamed(column)).flatMap((column) => wrongColumn(column, table)),
    ...repeatedNames(table),
    ...narrowIndexes(table),
  ]
}

function lacks({ columns }: TableSeen, name: string): boolean {
  return !columns.some((column) => column['name'] === name)
}

interface Renamed {
  readonly name: string
  readonly former: string
}

/** Which column it is now: an index goes along when its column is renamed, and hashes look like nothing else. */
function formerName(name: string, { indexes, hashesIn }: TableSeen): string | undefined {
  if (name === 'password_hash') return hashesIn
  const own = name === 'id' ? 'PRIMARY' : name
  const columns = indexes.flatMap((each) => (each['name'] === own ? [String(each['column'])] : []))
  return columns.length === 1 ? columns.find((column) => !(column in COLUMNS)) : undefined
}

function renamedBack({ columns, indexes }: TableSeen, { name, former }: Renamed): TableSeen {
  return {
    columns: columns.map((each) => (each['name'] === former ? { ...each, name } : each)),
    indexes: indexes.map((each) => (each['column'] === former ? { ...each, column: name } : each)),
  }
}

function renamedColumn({ name, former }: Renamed): Difference {
  return {
    is: `has the column ${former} in the place of ${name} (ER_BAD_FIELD_ERROR)`,
    breaks:
      'The app names its columns, so registering or logging in fails. It was renamed; what stands in it is kept.',
    alter: `CHANGE COLUMN ${quoted(former)} ${name} ${COLUMNS[name]}`,
  }
}

/** Columns in which the hashes may stand, if password_hash is missing. */
export function hashCandidates(table: TableSeen): readonly string[] {
  if (!lacks(table, 'password_hash')) return []
  return table.columns
    .filter(
      (column) => !(String(column['name']) in COLUMNS) && holdsText({ ...column, name: 'password_hash' }),
    )
    .map(({ name }) => String(name))
}

/** Whether there is nothing but hashes in them, in their order. */
export function hashesSql(table: string, columns: readonly string[]): string {
  const each = columns.map(
    (column, index) => `COUNT(*) = COUNT(IF(${quoted(column)} LIKE '$%$%$%', 1, NULL)) AS h${index}`,
  )
  return `SELECT ${each.join(', ')} FROM ${table}`
}

function lostColumn(name: string, table: TableSeen): Difference {
  const keys: Readonly<Record<string, string>> = { id: `, ${keyOfId(table)}`, name: `, ${UNIQUE_NAME}` }
  return {
    is: `lacks the column ${name} (ER_BAD_FIELD_ERROR)`,
    breaks: `The app names its columns, so registering or logging in fails. What stood in ${name} is gone, or in a column that can’t be told from others.`,
    alter: `ADD COLUMN ${name} ${COLUMNS[name]}${name === 'id' ? ' FIRST' : ''}${keys[name] ?? ''}`,
  }
}

function wrongColumn(column: Row, table: TableSeen): readonly Difference[] {
  const [name, type] = [String(column['name']), String(column['type'])]
  const asItWas = `MODIFY COLUMN ${name} ${COLUMNS[name]}`
  if (name === 'id') return numbersItself(column) ? [] : [unnumbered(type, asItWas, table)]
  if (FILLED_BY_APP.includes(name)) {
    if (!holdsText(column)) return [{ is: `has ${name} as ${type}`, breaks: tooSmall(name), alter: asItWas }]
    return name === 'name' ? otherLetters(column, asItWas) : []
  }
  if (!mustBeFilled(column)) return []
  return [
    {
      is: `has the column ${name}, which must not be empty and has no default`,
      breaks: 'The app does not fill it, so registering fails (ER_NO_DEFAULT_FOR_FIELD).',
      alter: name in COLUMNS ? asItWas : `MODIFY COLUMN ${quoted(name)} ${type} NULL`,
    },
  ]
}

function numbersItself(column: Row): boolean {
  return /auto_increment/i.test(String(column['extra'])) && !/^(tiny|small)int/i.test(String(column['kind']))
}

function unnumbered(type: string, asItWas: string, table: TableSeen): Difference {
  const hasKey = table.indexes.some(({ column, place }) => column === 'id' && Number(place) === 1)
  return {
    is: `has id as ${type} ${/^(tiny|small)int/i.test(type) ? 'which soon has no number left' : 'without AUTO_INCREMENT'}`,
    breaks: 'MySQL gives new users no number, so registering fails (ER_NO_DEFAULT_FOR_FIELD, ER_DUP_ENTRY).',
    alter: hasKey ? asItWas : `${asItWas}, ${keyOfId(table)}`,
  }
}

function keyOfId({ indexes }: TableSeen): string {
  return indexes.some(({ name }) => name === 'PRIMARY') ? 'ADD UNIQUE (id)' : 'ADD PRIMARY KEY (id)'
}

function holdsText(column: Row): boolean {
  const isText = /^(var)?char$|text$/i.test(String(column['kind']))
  return isText && Number(column['length']) >= (LENGTHS[String(column['name'])] ?? 0)
}

function tooSmall(name: string): string {
  return name === 'name'
    ? 'The app stores names of up to 50 characters there; others are refused or mangled (ER_DATA_TOO_LONG, ER_TRUNCATED_WRONG_VALUE).'
    : 'The hash of a password has 88 characters and does not fit, so registering fails (ER_DATA_TOO_LONG), or nobody can log in.'
}

/** The hash needs none of it: it is of plain letters, and is never compared by the database. */
function otherLetters({ charset, collation }: Row, alter: string): readonly Difference[] {
  if (!CHARSETS.includes(String(charset))) {
    return [
      {
        is: `has name in ${charset}`,
        breaks:
          'A name with a letter that it has no place for, such as that of Łukasz, is refused, and the app answers 503 (ER_TRUNCATED_WRONG_VALUE).',
        alter,
      },
    ]
  }
  if (/_ci$/.test(String(collation))) return []
  return [
    {
      is: `compares names by ${collation}`,
      breaks: 'That tells upper case from lower: Zoe and zoe can both register.',
      alter,
    },
  ]
}

/** MariaDB tells a default of NULL as the word, MySQL as no default; both tell what is nullable. */
function mustBeFilled(column: Row): boolean {
  const isStrict = /STRICT_(TRANS|ALL)_TABLES/.test(String(column['mode']))
  const fillsItself = /auto_increment|generated/i.test(String(column['extra'])) || column['kind'] === 'enum'
  return isStrict && column['nullable'] === 'NO' && column['fallback'] === null && !fillsItself
}

function repeatedNames({ columns, indexes }: TableSeen): readonly Difference[] {
  const isAlone = (index: string) => indexes.filter(({ name }) => name === index).length === 1
  const keepsUnique = indexes.some(
    (each) =>
      each['column'] === 'name' &&
      Number(each['repeats']) === 0 &&
      isWhole(each) &&
      isAlone(String(each['name'])),
  )
  if (keepsUnique || !columns.some(({ name }) => name === 'name')) return []
  return [
    {
      is: 'has no UNIQUE index on name',
      breaks:
        'Only that index refuses a name that is taken: without it a second visitor can register it, and then one of the two can’t log in.',
      alter: UNIQUE_NAME,
    },
  ]
}

/** It tells apart all names that the app stores. */
function isWhole({ column, part }: Row): boolean {
  return part === null || Number(part) >= (LENGTHS[String(column)] ?? Number.POSITIVE_INFINITY)
}

/** What is unique already, the number or the name, makes everything together with it unique. */
function narrowIndexes({ indexes }: TableSeen): readonly Difference[] {
  const unique = indexes.filter(({ name, repeats }) => Number(repeats) === 0 && name !== 'PRIMARY')
  const names = [...new Set(unique.map(({ name }) => String(name)))]
  return names.flatMap((name) => {
    const parts = unique.filter((each) => each['name'] === name)
    if (parts.some((each) => ['id', 'name'].includes(String(each['column'])) && isWhole(each))) return []
    const of = parts.map(({ column, part }) =>
      part === null ? column : `the first ${part} characters of ${column}`,
    )
    return [
      {
        is: `has the UNIQUE index ${name} on ${of.join(' and ')}`,
        breaks:
          'It refuses users who are alike in that alone: the app says that their name is taken (409, ER_DUP_ENTRY).',
        alter: `DROP INDEX ${quoted(name)}`,
      },
    ]
  })
}

/** Whether two rows can’t keep one name beside each other, once the table is altered. */
export function makesNamesUnique(different: readonly Difference[]): boolean {
  return different.some(({ alter }) => alter === UNIQUE_NAME || altersName(alter))
}

/** Rows with a name that another row has, `first` being the number of the first one that has it. */
export function repeatedRowsSql(table: string, different: readonly Difference[]): string {
  const name = different.some(({ alter }) => altersName(alter))
    ? 'CONVERT(name USING utf8mb4) COLLATE utf8mb4_unicode_520_ci'
    : 'name'
  return `SELECT id, name, first FROM (SELECT id, name, MIN(id) OVER same AS first, COUNT(*) OVER same AS times FROM ${table} WINDOW same AS (PARTITION BY ${name})) AS numbered WHERE times > 1 ORDER BY first, id LIMIT 10`
}

function altersName(alter: string): boolean {
  return alter.startsWith('MODIFY COLUMN name ')
}

export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
