import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  differences,
  hashCandidates,
  LENGTHS,
  type TableSeen,
} from '../../../src/checks/database/users-table.ts'
import { APP_STATEMENTS } from '../../../src/host/schema-sql.ts'

type Row = Record<string, unknown>

const mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'

/** As the two engines tell of sql/schema.sql. */
const MYSQL = [
  {
    name: 'id',
    kind: 'int',
    type: 'int',
    length: null,
    nullable: 'NO',
    fallback: null,
    extra: 'auto_increment',
    mode,
  },
  {
    name: 'name',
    kind: 'varchar',
    type: 'varchar(50)',
    length: 50,
    nullable: 'NO',
    fallback: null,
    extra: '',
    charset: 'utf8mb4',
    collation: 'utf8mb4_unicode_520_ci',
    mode,
  },
  {
    name: 'password_hash',
    kind: 'varchar',
    type: 'varchar(255)',
    length: 255,
    nullable: 'NO',
    fallback: null,
    extra: '',
    mode,
  },
  {
    name: 'created_at',
    kind: 'timestamp',
    type: 'timestamp',
    length: null,
    nullable: 'NO',
    fallback: 'CURRENT_TIMESTAMP',
    extra: 'DEFAULT_GENERATED',
    mode,
  },
]
const MARIADB = MYSQL.map((row) => ({
  ...row,
  type: row.type === 'int' ? 'int(11)' : row.type,
  fallback: row.fallback === null ? null : 'current_timestamp()',
  extra: row.extra === 'DEFAULT_GENERATED' ? '' : row.extra,
}))
const INDEXES = [
  { name: 'PRIMARY', column: 'id', place: 1, repeats: 0, part: null },
  { name: 'name', column: 'name', place: 1, repeats: 0, part: null },
]

describe.each([
  ['MySQL', MYSQL],
  ['MariaDB', MARIADB],
])('as %s tells it', (_, whole) => {
  const table = (
    change: Readonly<Record<string, Row | undefined>> = {},
    indexes: Row[] = INDEXES,
  ): TableSeen => {
    const kept = whole.filter(({ name }) => !(name in change) || change[name] !== undefined)
    const known = kept.map((row) => ({ ...row, ...change[row.name] }))
    const added = Object.entries(change).filter(([name]) => !whole.some((row) => row.name === name))
    const plain = { kind: 'int', type: 'int', length: null, nullable: 'NO', fallback: null, extra: '', mode }
    return { columns: [...known, ...added.map(([name, row]) => ({ ...plain, name, ...row }))], indexes }
  }

  test('the table of phase 6 has no difference', () => {
    expect(differences(table())).toEqual([])
  })

  test.each<[string, Row]>([
    ['a wider name', { name: { kind: 'varchar', type: 'varchar(191)', length: 191 } }],
    ['a name by the default of MySQL 8', { name: { collation: 'utf8mb4_0900_ai_ci' } }],
    ['one by the default of MariaDB', { name: { collation: 'utf8mb4_uca1400_ai_ci' } }],
    ['a hash in plain letters', { password_hash: { charset: 'latin1', collation: 'latin1_bin' } }],
    ['a hash as text', { password_hash: { kind: 'text', type: 'text', length: 65_535 } }],
    ['a larger number', { id: { kind: 'bigint', type: 'bigint unsigned' } }],
    ['an added column that may be empty', { note: { nullable: 'YES', fallback: null } }],
    ['one as MariaDB tells it', { note: { nullable: 'YES', fallback: 'NULL' } }],
    ['one with a default', { note: { fallback: '0' } }],
    ['one with a computed default', { note: { fallback: 'uuid()', extra: 'DEFAULT_GENERATED' } }],
    ['one that is computed', { note: { extra: 'STORED GENERATED' } }],
    ['an enum, which begins with its first word', { note: { kind: 'enum' } }],
    ['one that a lenient mode fills', { note: { mode: 'NO_ENGINE_SUBSTITUTION' } }],
  ])('%s is as good', (_, change) => {
    expect(differences(table(change as Record<string, Row>))).toEqual([])
  })

  test.each<[string, string, string, string]>([
    ['id', 'user_id', 'PRIMARY', 'INT NOT NULL AUTO_INCREMENT'],
    ['name', 'user', 'name', 'VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL'],
  ])('%s that was renamed is known by its index, and renamed back', (name, former, index, type) => {
    const row = whole.find((each) => each.name === name) ?? {}
    const indexes = INDEXES.map((each) => (each.name === index ? { ...each, column: former } : each))
    expect(differences(table({ [name]: undefined, [former]: { ...row, name: former } }, indexes))).toEqual([
      expect.objectContaining({
        is: `has the column ${former} in the place of ${name} (ER_BAD_FIELD_ERROR)`,
        alter: `CHANGE COLUMN \`${former}\` ${name} ${type}`,
      }),
    ])
  })

  test('a hash that was renamed is known by what stands in it, and is not called gone', () => {
    const text = { kind: 'varchar', type: 'varchar(255)', length: 255, nullable: 'YES' }
    const renamed = table({ password_hash: undefined, secret: text, note: { ...text, length: 20 } })
    expect(hashCandidates(table({ secret: text }))).toEqual([])
    expect(hashCandidates(renamed)).toEqual(['secret'])
    expect(differences({ ...renamed, hashesIn: 'secret' }).map(({ alter }) => alter)).toEqual([
      'CHANGE COLUMN `secret` password_hash VARCHAR(255) NOT NULL',
    ])
    expect(differences(renamed).map(({ alter }) => alter)).toEqual([
      'ADD COLUMN password_hash VARCHAR(255) NOT NULL',
    ])
  })

  test.each<[string, Record<string, Row | undefined>, string, string]>([
    [
      'a short hash',
      { password_hash: { type: 'varchar(20)', length: 20 } },
      'has password_hash as varchar(20)',
      'MODIFY COLUMN password_hash VARCHAR(255) NOT NULL',
    ],
    [
      'a name that is a number',
      { name: { kind: 'int', type: 'int', length: null } },
      'has name as int',
      'MODIFY COLUMN name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL',
    ],
    [
      'a name that has no place for every letter',
      { name: { charset: 'latin1', collation: 'latin1_swedish_ci' } },
      'has name in latin1',
      'MODIFY COLUMN name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL',
    ],
    [
      'a name of which upper and lower case count',
      { name: { collation: 'utf8mb4_bin' } },
      'compares names by utf8mb4_bin',
      'MODIFY COLUMN name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL',
    ],
    [
      'an id that nobody counts',
      { id: { extra: '' } },
      'without AUTO_INCREMENT',
      'MODIFY COLUMN id INT NOT NULL AUTO_INCREMENT',
    ],
    [
      'an id of one byte',
      { id: { kind: 'tinyint', type: 'tinyint' } },
      'has id as tinyint',
      'MODIFY COLUMN id INT NOT NULL AUTO_INCREMENT',
    ],
    [
      'an added column that must be filled',
      { 'e`mail': { type: 'varchar(9)' } },
      'has the column e`mail',
      'MODIFY COLUMN `e``mail` varchar(9) NULL',
    ],
    [
      'a time that must be filled',
      { created_at: { fallback: null, extra: '' } },
      'has the column created_at',
      'MODIFY COLUMN created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
    ],
    [
      'a lost time',
      { created_at: undefined },
      'lacks the column created_at',
      'ADD COLUMN created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP',
    ],
    [
      'a lost name, and its index',
      { name: undefined },
      'lacks the column name',
      'ADD COLUMN name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL, ADD UNIQUE (name)',
    ],
  ])('%s is told, and how to alter it', (_, change, is, alter) => {
    expect(differences(table(change))).toEqual([
      { is: expect.stringContaining(is), breaks: expect.stringMatching(/\.$/), alter },
    ])
  })

  test.each<[string, Row[]]>([
    ['no index', []],
    ['one that allows repetition', [{ name: 'name', column: 'name', place: 1, repeats: 1, part: null }]],
    [
      'one together with another column',
      ['name', 'created_at'].map((column, index) => ({
        name: 'both',
        column,
        place: index + 1,
        repeats: 0,
        part: null,
      })),
    ],
  ])('%s on name is not unique', (_, indexes) => {
    const alter = differences(table({}, [...INDEXES.slice(0, 1), ...indexes])).map((each) => each.alter)
    expect(alter).toEqual(['ADD UNIQUE (name)'])
  })

  test.each<[string, Row[], string[]]>([
    [
      'of the first letters of name goes, and one of the whole comes',
      [{ name: 'name', column: 'name', place: 1, repeats: 0, part: 5 }],
      ['ADD UNIQUE (name)', 'DROP INDEX `name`'],
    ],
    [
      'of another column goes',
      [...INDEXES.slice(1), { name: 'at', column: 'created_at', place: 1, repeats: 0, part: null }],
      ['DROP INDEX `at`'],
    ],
    [
      'of all letters that the app stores stays',
      [{ name: 'name', column: 'name', place: 1, repeats: 0, part: 50 }],
      [],
    ],
    [
      'of a name together with more stays',
      [
        ...INDEXES.slice(1),
        { name: 'both', column: 'created_at', place: 1, repeats: 0, part: null },
        { name: 'both', column: 'name', place: 2, repeats: 0, part: null },
      ],
      [],
    ],
  ])('a UNIQUE index %s', (_, indexes, alter) => {
    const told = differences(table({}, [...INDEXES.slice(0, 1), ...indexes]))
    expect(told.map((each) => each.alter)).toEqual(alter)
  })

  test('an id without a key gets one with its numbers', () => {
    const alter = (indexes: Row[]) => differences(table({ id: { extra: '' } }, indexes))[0]?.alter
    expect(alter(INDEXES.slice(1))).toMatch(/AUTO_INCREMENT, ADD PRIMARY KEY \(id\)$/)
    expect(alter([{ ...INDEXES[1], name: 'PRIMARY' }])).toMatch(/AUTO_INCREMENT, ADD UNIQUE \(id\)$/)
  })
})

test('a name has room for what the app lets through', () => {
  expect(readApp('users.js')).toContain(`const NAME_MAX = ${LENGTHS['name']}`)
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
