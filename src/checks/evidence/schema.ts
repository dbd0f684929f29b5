import { handout } from '../../lab/lab.ts'
import type { SqlAccess } from './database.ts'
import { once } from './once.ts'

const { schema } = handout

const SCHEMA_SQL = 'SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?'
const COLUMNS_SQL =
  'SELECT COLUMN_NAME AS name, DATA_TYPE AS kind, COLUMN_TYPE AS type, CHARACTER_MAXIMUM_LENGTH AS length, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?'
/** Finds unique indexes on the name alone, at least as long as the names that the app stores. */
const UNIQUE_NAME_SQL =
  "SELECT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? GROUP BY INDEX_NAME HAVING COUNT(*) = 1 AND MAX(COLUMN_NAME = 'name' AND NON_UNIQUE = 0 AND COALESCE(SUB_PART, 50) >= 50) = 1"
const LIKE_USERS_SQL =
  "SELECT TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES JOIN information_schema.COLUMNS USING (TABLE_SCHEMA, TABLE_NAME) WHERE TABLE_SCHEMA = ? GROUP BY TABLE_NAME, TABLE_TYPE HAVING TABLE_NAME = 'users' OR SUM(COLUMN_NAME IN ('id', 'name', 'password_hash')) = 3"

/** The table users as the database describes it. */
export interface TableSeen {
  readonly columns: readonly ColumnSeen[]
  readonly hasUniqueName: boolean
  /** All tables and views called users, or with the columns that the app needs: "Users", "users, a view". */
  readonly alike: readonly string[]
}

export interface ColumnSeen {
  readonly name: string
  /** Such as "varchar". */
  readonly kind: string
  /** Such as "varchar(50)". */
  readonly type: string
  /** In characters; 0 for what is no text. */
  readonly length: number
  readonly charset: string
  readonly collation: string
}

export type SchemaLooks = ReturnType<typeof schemaLooks>

export function schemaLooks({ as: { master } }: Pick<SqlAccess, 'as'>) {
  const table = once(async (): Promise<TableSeen> => {
    const sql = await master()
    const [columns, unique, alike] = await Promise.all([
      sql.query(COLUMNS_SQL, [schema, 'users']),
      sql.query(UNIQUE_NAME_SQL, [schema, 'users']),
      sql.query(LIKE_USERS_SQL, [schema]),
    ])
    return {
      columns: columns.map(({ name, kind, type, length, charset, collation }) => ({
        name: String(name),
        kind: String(kind).toLowerCase(),
        type: String(type),
        length: Number(length ?? 0),
        charset: String(charset),
        collation: String(collation),
      })),
      hasUniqueName: unique.length > 0,
      alike: alike.map(({ name, type }) => (type === 'VIEW' ? `${name}, a view` : String(name))),
    }
  })
  return {
    table,
    hasSchema: once(async () => (await (await master()).query(SCHEMA_SQL, [schema])).length > 0),
    /** The columns of users in which there is nothing but hashes; in an empty table all texts. */
    hashColumns: once(async (): Promise<readonly string[]> => {
      const texts = (await table()).columns.filter(({ length }) => length > 0).map(({ name }) => name)
      if (texts.length === 0) return []
      const [row = {}] = await (await master()).query(hashesSql(texts), [])
      return texts.filter((_, index) => Number(row[`h${index}`]) === 1)
    }),
  }
}

function hashesSql(columns: readonly string[]): string {
  const each = columns.map(
    (column, index) => `COUNT(*) = COUNT(IF(${quoted(column)} LIKE '$%$%$%', 1, NULL)) AS h${index}`,
  )
  return `SELECT ${each.join(', ')} FROM ${schema}.users`
}

/** A name in a statement. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}
