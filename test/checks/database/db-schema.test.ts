import { expect, test } from 'vitest'
import { dbSchema } from '../../../src/checks/database/db-schema.ts'
import type { TableSeen } from '../../../src/checks/evidence/schema.ts'
import { fakeEvidence, surveyOf } from '../fake-evidence.ts'

const plain = { kind: 'varchar', charset: 'utf8mb4', collation: 'utf8mb4_unicode_520_ci' }
const id = { ...plain, name: 'id', kind: 'int', type: 'int', length: 0 }
const name = { ...plain, name: 'name', type: 'varchar(50)', length: 50 }
const hash = { ...plain, name: 'password_hash', type: 'varchar(255)', length: 255 }
const columns = [id, name, hash]

interface Seen extends Partial<TableSeen> {
  readonly hashColumns?: readonly string[]
  readonly refusals?: readonly string[]
  readonly narrower?: string
}

/** Asks of a database that tells this of itself; what a test does not name is as phase 6 makes it. */
async function examine({ hashColumns = [], refusals = [], narrower, ...seen }: Seen) {
  const outcome = await dbSchema.examine({
    ...fakeEvidence({}),
    survey: async () => surveyOf(),
    table: async () => ({ columns, hasUniqueName: true, alike: ['users'], ...seen }),
    hasSchema: async () => true,
    hashColumns: async () => hashColumns,
    refusals: async () => refusals,
    appAccounts: async () => ({ exists: true, narrower }),
  })
  return outcome.status === 'fail' ? outcome : undefined
}

test('the table of phase 6 passes', async () => {
  expect(await examine({})).toBeUndefined()
})

test('a table that has another name now is named, and no empty one is made beside it', async () => {
  const told = await examine({ columns: [], alike: ['Users'] })
  expect(told?.finding.what).toContain('what has its name or its columns: "Users".')
  expect(told?.finding.remedy.run).toContainEqual(expect.objectContaining({ at: 'mysql' }))
  expect(told?.mend).toBeUndefined()
})

test('a view in the place of the table is told as one, and not altered', async () => {
  const told = await examine({ alike: ['users, a view', 'people'] })
  expect(told?.finding.what).toContain('"users, a view"; "people"')
  expect(told?.mend).toBeUndefined()
})

test('where there is none, phase 6 makes an empty one', async () => {
  const told = await examine({ columns: [], alike: [] })
  expect(told?.finding.remedy.run).toEqual(['flasklab up'])
  expect(told?.mend).toBeDefined()
})

test('a column of hashes that was renamed is renamed back, with what stands in it', async () => {
  const secret = { ...hash, name: 'se`cret' }
  const told = await examine({ columns: [id, name, secret], hashColumns: ['se`cret'] })
  expect(told?.finding.what).toContain('has the column se`cret in the place of password_hash')
  expect(told?.mend?.title).toBe(
    'ALTER TABLE flaskdb.users CHANGE COLUMN `se``cret` password_hash VARCHAR(255) NOT NULL',
  )
})

test.each<[string, Seen]>([
  ['of two may be the one', { columns: [id, name, hash, hash], hashColumns: ['a', 'b'] }],
  ['holds no hashes', { hashColumns: [] }],
  ['was not the only one to be renamed', { columns: [id], hashColumns: ['a'] }],
])('a column that %s is told in the database’s words, and no empty one is made', async (_, seen) => {
  const strange = ['a', 'b'].map((each) => ({ ...hash, name: each }))
  const kept = (seen.columns ?? columns).filter((each) => each !== hash)
  const refusals = ["Unknown column 'password_hash' in 'field list' (ER_BAD_FIELD_ERROR)"]
  const told = await examine({ ...seen, columns: [...kept, ...strange], refusals })
  expect(told?.finding.what).toContain(refusals[0])
  expect(told?.finding.why).toContain('may stand in a, b')
  expect(told?.mend).toBeUndefined()
})

test.each<[string, Seen, string]>([
  [
    'a short hash',
    { columns: [id, name, { ...hash, type: 'varchar(20)', length: 20 }] },
    'MODIFY COLUMN password_hash VARCHAR(255) NOT NULL',
  ],
  [
    'a name that has no place for every letter',
    { columns: [id, { ...name, charset: 'latin1' }, hash] },
    'MODIFY COLUMN name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL',
  ],
  ['a name that is not unique', { hasUniqueName: false }, 'ADD UNIQUE (name)'],
])('%s, which the app’s statements do not tell, is altered', async (_, seen, alter) => {
  expect((await examine(seen))?.mend?.title).toBe(`ALTER TABLE flaskdb.users ${alter}`)
})

test('rights that are missing are told in the database’s words, and granted to the account that counts', async () => {
  const refusals = ["INSERT command denied to user 'flaskapp' (ER_TABLEACCESS_DENIED_ERROR)"]
  const own = await examine({ refusals })
  expect(own?.finding.what).toContain(`flaskapp@% lacks rights that the app needs: ${refusals[0]}.`)
  expect(own?.finding.remedy.run).toEqual(['flasklab up'])
  const narrower = await examine({ refusals, narrower: '172.31.%' })
  expect(narrower?.finding.remedy.run).toEqual(['flasklab doctor --fix --yes'])
  expect(narrower?.mend?.title).toContain('give flaskapp@172.31.%')
})
