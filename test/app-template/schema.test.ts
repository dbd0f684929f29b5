import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { environmentFor, startFlaskdb } from './running-app.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase

beforeAll(async () => {
  database = await startFlaskdb()
})

afterAll(() => database?.remove())

const readSchema = () => readFile(join(import.meta.dirname, '../../sql/schema.sql'), 'utf8')

test('the table has the columns of the handout, with a hash instead of the password', async () => {
  const columns = await database.query(`
    SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable, COLUMN_KEY AS indexed,
      COLLATION_NAME AS collation
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'flaskdb' AND TABLE_NAME = 'users'
    ORDER BY ORDINAL_POSITION`)
  const text = 'utf8mb4_unicode_520_ci'
  expect(columns).toEqual([
    { name: 'id', type: 'int(11)', nullable: 'NO', indexed: 'PRI', collation: null },
    { name: 'name', type: 'varchar(50)', nullable: 'NO', indexed: 'UNI', collation: text },
    { name: 'password_hash', type: 'varchar(255)', nullable: 'NO', indexed: '', collation: text },
    { name: 'created_at', type: 'timestamp', nullable: 'NO', indexed: '', collation: null },
  ])
})

test('the mysql client on the server can run it, again and again, and the rows stay', async () => {
  await database.query("INSERT INTO flaskdb.users (name, password_hash) VALUES ('Ada', 'x')")
  await database.query("CREATE USER 'maker'@'%' IDENTIFIED BY 'maker'; GRANT ALL ON flaskdb.* TO 'maker'@'%'")
  for (const _ of [1, 2]) {
    const connection = ['--protocol=tcp', '--host=127.0.0.1', `--port=${database.port}`, '--user=maker']
    const trust = ['--password=maker', `--ssl-ca=${database.caFile}`]
    const client = spawn('mysql', ['--no-defaults', ...connection, ...trust, '--batch'], { stdio: 'pipe' })
    client.stdin.end(`USE flaskdb;\n${await readSchema()}\nSHOW WARNINGS;`)
    const [code] = await once(client, 'close')
    expect(code).toBe(0)
  }
  expect(await database.query('SELECT name FROM flaskdb.users')).toEqual([{ name: 'Ada' }])
})

test('the app user may do what the app does, and no more', async () => {
  const { RDS_USER } = environmentFor(database)
  const grants = await database.query(`SHOW GRANTS FOR '${RDS_USER}'@'%'`)
  expect(grants.flatMap((row) => Object.values(row)).join('\n')).toMatch(
    /REQUIRE SSL\nGRANT SELECT, INSERT, UPDATE \(`?password_hash`?\) ON `flaskdb`\.`users` TO `flaskapp`@`%`$/,
  )
})
