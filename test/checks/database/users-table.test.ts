import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LENGTHS, silentDifferences } from '../../../src/checks/database/users-table.ts'
import type { ColumnSeen } from '../../../src/checks/evidence/schema.ts'
import { APP_STATEMENTS } from '../../../src/host/schema-sql.ts'

const text = { kind: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_unicode_520_ci' }
const COLUMNS: readonly ColumnSeen[] = [
  { ...text, name: 'id', kind: 'int', type: 'int', length: 0 },
  { ...text, name: 'name', type: 'varchar(50)', length: 50 },
  { ...text, name: 'password_hash', type: 'varchar(255)', length: 255 },
]

type Changes = Readonly<Record<string, Partial<ColumnSeen>>>

const differences = (change: Changes = {}, hasUniqueName = true) =>
  silentDifferences({
    columns: COLUMNS.map((column) => ({ ...column, ...change[column.name] })),
    hasUniqueName,
    alike: ['users'],
  })

test('the table of phase 6 has no difference', () => {
  expect(differences()).toEqual([])
})

test.each<[string, Changes]>([
  ['a wider name', { name: { type: 'varchar(191)', length: 191 } }],
  ['a name by the default of MySQL 8', { name: { collation: 'utf8mb4_0900_ai_ci' } }],
  ['one by the default of MariaDB', { name: { collation: 'utf8mb4_uca1400_ai_ci' } }],
  ['a hash in plain letters', { password_hash: { charset: 'latin1', collation: 'latin1_bin' } }],
  ['a hash as text', { password_hash: { kind: 'text', type: 'text', length: 65_535 } }],
])('%s is as good', (_, change) => {
  expect(differences(change)).toEqual([])
})

const NAME_AGAIN =
  'MODIFY COLUMN name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL'

test.each<[string, Changes, string, string]>([
  [
    'a short hash',
    { password_hash: { type: 'varchar(20)', length: 20 } },
    'has password_hash as varchar(20)',
    'MODIFY COLUMN password_hash VARCHAR(255) NOT NULL',
  ],
  [
    'a name that is a number',
    { name: { kind: 'int', type: 'int', length: 0 } },
    'has name as int',
    NAME_AGAIN,
  ],
  [
    'a name that has no place for every letter',
    { name: { charset: 'latin1', collation: 'latin1_swedish_ci' } },
    'has name in latin1',
    NAME_AGAIN,
  ],
  [
    'a name of which upper and lower case count',
    { name: { collation: 'utf8mb4_bin' } },
    'compares names by utf8mb4_bin',
    NAME_AGAIN,
  ],
])('%s is told, and how to alter it', (_, change, is, alter) => {
  expect(differences(change)).toEqual([
    { is: expect.stringContaining(is), breaks: expect.stringMatching(/\.$/), alter },
  ])
})

test('a name that is not unique is told', () => {
  expect(differences({}, false).map(({ alter }) => alter)).toEqual(['ADD UNIQUE (name)'])
})

test('a name has room for what the app lets through', () => {
  expect(readApp('users.js')).toContain(`const NAME_MAX = ${LENGTHS.name}`)
})

test('the statements that are tried are the app’s own, and all of them', () => {
  const own = readApp('users.js').match(/(?<=query\(')[^']+/g) ?? []
  expect(APP_STATEMENTS.map((statement) => statement.replace('flaskdb.', '')).toSorted()).toEqual(
    own.toSorted(),
  )
})

function readApp(file: string): string {
  return readFileSync(new URL(`../../../app-template/${file}`, import.meta.url), 'utf8')
}
