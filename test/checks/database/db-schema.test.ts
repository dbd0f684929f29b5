import { expect, test } from 'vitest'
import { dbSchema } from '../../../src/checks/database/db-schema.ts'
import type { Sql } from '../../../src/lab/ports/host.ts'
import { fakeEvidence } from '../fake-evidence.ts'

type Rows = readonly Record<string, unknown>[]

const text = {
  nullable: 'NO',
  fallback: null,
  extra: '',
  charset: 'utf8mb4',
  collation: 'utf8mb4_bin',
  mode: '',
}
const columns: Rows = [
  { ...text, name: 'id', kind: 'int', type: 'int', extra: 'auto_increment' },
  { ...text, name: 'name', kind: 'varchar', type: 'varchar(50)', length: 50 },
  { ...text, name: 'password_hash', kind: 'varchar', type: 'varchar(255)', length: 255 },
  { ...text, name: 'created_at', kind: 'timestamp', type: 'timestamp', fallback: 'now' },
]
const table = { name: 'users', type: 'BASE TABLE' }

interface Seen {
  readonly columns?: Rows
  readonly tables: Rows
  /** Tables with the columns of users. */
  readonly alike?: Rows
  readonly repeated?: Rows
}

/** Asks of a database that tells this of itself. */
async function examine(seen: Seen) {
  const answers: readonly (readonly [RegExp, Rows])[] = [
    [/GROUP BY TABLE_NAME/, seen.alike ?? []],
    [/information_schema\.SCHEMATA/, [{}]],
    [/PARTITION BY/, seen.repeated ?? []],
  ]
  const query: Sql['query'] = async (statement) =>
    answers.find(([pattern]) => pattern.test(statement))?.[1] ?? []
  const outcome = await dbSchema.examine({
    ...fakeEvidence({}),
    sql: async () => ({ query }) as Sql,
    tables: async () => ({ columns: seen.columns ?? [], indexes: [], tables: seen.tables }),
  })
  return outcome.status === 'fail' ? outcome : undefined
}

test('a table that has another name now is named and given its own again, and no empty one is made', async () => {
  const told = await examine({ tables: [{ ...table, name: 'Users' }], alike: [{ name: 'Users' }] })
  expect(told?.finding.what).toContain('"Users" has its columns')
  expect(told?.mend?.title).toBe('RENAME TABLE flaskdb.`Users` TO flaskdb.users')
})

test('of several that it may be, none is taken without being asked', async () => {
  const names = ['users_old', 'users_new']
  const tables = names.map((name) => ({ ...table, name }))
  const told = await examine({ tables, alike: tables })
  expect(told?.finding.what).toContain('"users_old", "users_new"')
  expect(told?.mend).toBeUndefined()
})

test('where there is none, phase 6 makes an empty one', async () => {
  const told = await examine({ tables: [] })
  expect(told?.finding.remedy.run).toEqual(['flasklab up'])
  expect(told?.mend).toBeDefined()
})

test('a view in the place of the table is told as one, and not altered', async () => {
  const tables = [
    { name: 'users', type: 'VIEW' },
    { ...table, name: 'people' },
  ]
  const told = await examine({ columns, tables, alike: tables })
  expect(told?.finding.what).toContain('is a view and no table; "people" is a table with its columns')
  expect(told?.finding.remedy.run).toContain('RENAME TABLE flaskdb.`people` TO flaskdb.users;')
  expect(told?.mend).toBeUndefined()
})

test('rows that share a name are named, and what to do about them; the table is not altered over them', async () => {
  const repeated = [
    { id: 1, name: 'Zoe', first: 1 },
    { id: 7, name: 'zoe', first: 1 },
  ]
  const told = await examine({ columns, tables: [table], repeated })
  expect(told?.finding.what).toMatch(/of its rows 1 \("Zoe"\), 7 \("zoe"\) share a name\.$/)
  expect(told?.finding.remedy.run).toContain('-- or: DELETE FROM flaskdb.users WHERE id IN (7);')
  expect(told?.mend).toBeUndefined()
  expect((await examine({ columns, tables: [table] }))?.mend).toBeDefined()
})
