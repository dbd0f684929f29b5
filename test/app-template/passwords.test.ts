import { scryptSync } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { LENGTHS } from '../../src/checks/database/users-table.ts'
import type { TestDatabase } from '../support/mariadb.ts'
import { environmentFor, prepareApp, type RunningApp, startApp, withHook } from './running-app.ts'
import { logIn, open, register } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase
let app: RunningApp
prepareApp((itsDatabase, running) => {
  database = itsDatabase
  app = running
})

const current = /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/

async function storedHash(name: string): Promise<string> {
  const rows = await database.query('SELECT password_hash AS hash FROM flaskdb.users WHERE name = ?', [name])
  return rows.map(({ hash }) => String(hash)).join()
}

async function store(name: string, hash: string): Promise<void> {
  await database.query('INSERT INTO flaskdb.users (name, password_hash) VALUES (?, ?)', [name, hash])
}

function weakHash(password: string): string {
  const key = scryptSync(password, 'salt of 16 bytes', 32, { N: 2 ** 10, r: 8, p: 1 })
  const encoded = [Buffer.from('salt of 16 bytes'), key].map((bytes) =>
    bytes.toString('base64').replace(/=+$/, ''),
  )
  return `$scrypt$ln=10,r=8,p=1$${encoded.join('$')}`
}

test('the table holds a hash with its parameters, another one for each user of the same password', async () => {
  await register(app, 'Alice', 'same password')
  await register(app, 'Bob', 'same password')
  const [alice, bob] = [await storedHash('Alice'), await storedHash('Bob')]
  expect(alice).toMatch(current)
  // The doctor asks this length of the column.
  expect(alice.length).toBe(LENGTHS['password_hash'])
  expect(bob).toMatch(current)
  expect(alice).not.toBe(bob)
})

test('a hash of older parameters still logs in, and is renewed by it', async () => {
  await store('Old', weakHash('from long ago'))
  expect((await logIn(app, 'Old', 'a wrong one')).status).toBe(401)
  expect(await storedHash('Old')).toBe(weakHash('from long ago'))

  expect((await logIn(app, 'Old', 'from long ago')).status).toBe(200)
  expect(await storedHash('Old')).toMatch(current)
  expect((await logIn(app, 'Old', 'from long ago')).status).toBe(200)
})

test('a login does not fail because its hash can not be renewed', async () => {
  await store('Fixed', weakHash('from long ago'))
  await database.query("REVOKE UPDATE (password_hash) ON flaskdb.users FROM 'flaskapp'@'%'")
  expect((await logIn(app, 'Fixed', 'from long ago')).status).toBe(200)
  expect(await storedHash('Fixed')).toBe(weakHash('from long ago'))
  await database.query("GRANT UPDATE (password_hash) ON flaskdb.users TO 'flaskapp'@'%'")
})

test('a hash that is no hash logs nobody in', async () => {
  await store('Plain', 'plain text')
  expect((await logIn(app, 'Plain', 'plain text')).status).toBe(401)
})

// Counted, not timed: on a busy machine a clock proves nothing.
test('a wrong password and an unknown name cost the same hash, and one that can be no name costs none', async () => {
  const counting = `
    import crypto from 'node:crypto'
    import { syncBuiltinESMExports } from 'node:module'
    const { scrypt } = crypto
    crypto.scrypt = (password, salt, length, options, done) => {
      console.log(JSON.stringify({ hashed: options }))
      scrypt(password, salt, length, options, done)
    }
    syncBuiltinESMExports()`
  const counted = await startApp({ ...environmentFor(database), ...withHook(counting) }, database.caFile)
  onTestFinished(() => counted.remove())
  await register(counted, 'Counted')
  const hashesOf = async (name: string) => {
    const before = counted.log().length
    await logIn(counted, name, 'a wrong one')
    const entries = counted.log().slice(before)
    return entries.flatMap(({ hashed }) => (hashed === undefined ? [] : [hashed]))
  }
  const one = [{ N: 2 ** 15, r: 8, p: 3, maxmem: 64 * 1024 * 1024 }]
  expect(await hashesOf('Counted')).toEqual(one)
  expect(await hashesOf('Unknown')).toEqual(one)
  expect(await hashesOf('x'.repeat(51))).toEqual([])
})

test('a rush of logins is served in part, the rest is told to come back, and pages stay quick', async () => {
  const rush = Array.from({ length: 200 }, (_, number) => logIn(app, `Rush ${number}`))
  await Promise.race(rush)
  const start = performance.now()
  expect((await open(`${app.url}/health`)).status).toBe(200)
  expect(performance.now() - start).toBeLessThan(1500)

  const answers = await Promise.all(rush)
  const busy = answers.filter(({ status }) => status === 503)
  expect(busy.length).toBeGreaterThan(0)
  expect(answers.filter(({ status }) => status === 401)).toHaveLength(200 - busy.length)
  expect(busy.every(({ headers }) => headers.get('retry-after') === '5')).toBe(true)
  expect(busy[0]?.body).toContain('Please try again in a few seconds.')
  expect((await logIn(app, 'Rush 1')).status).toBe(401)
})
