import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { follow, prepareGround } from '../support/drill-ground.ts'

const { student, type, examine, sql } = prepareGround()

const OWN = "flaskapp@'%'"
const NARROW = "flaskapp@'172.31.%'"
const DENY = [`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${OWN}`]
const recordFile = () => join(student().home, 'labs', 'lab', 'lab.json')
const record = () => JSON.parse(readFileSync(recordFile(), 'utf8'))

/** The one root cause, in the doctor's words; heals it by following its remedy. */
async function tellAndHeal(cause: string): Promise<string> {
  const broken = await examine()
  expect(broken.rootCauses).toEqual([cause])
  const finding = broken.checks.find(({ id }) => id === cause)?.finding
  await follow(finding?.remedy.run ?? [], student())
  expect(await examine()).toMatchObject({ healthy: true, rootCauses: [] })
  return `${finding?.what}\n${finding?.why}`
}

test('a table in which the app would go wrong without a word is told by all that differs, and changed back', async () => {
  await sql('ALTER TABLE flaskdb.users MODIFY password_hash VARCHAR(20) NOT NULL, DROP INDEX name')
  const told = await tellAndHeal('db-schema')
  expect(told).toContain('has password_hash as varchar(20)')
  expect(told).toContain('has no UNIQUE index on name')
})

test('a table that refuses what the app stores is told in the database’s words, by who tries to register', async () => {
  await sql('ALTER TABLE flaskdb.users ADD COLUMN email VARCHAR(9) NOT NULL')
  const broken = await examine()
  expect(broken.rootCauses).toEqual(['login-works'])
  const why = broken.checks.find(({ id }) => id === 'login-works')?.finding?.why
  expect(why).toMatch(/ER_NO_DEFAULT_FOR_FIELD.*Field 'email' doesn't have a default value/s)
  await sql('ALTER TABLE flaskdb.users DROP COLUMN email')
})

const ZOE = "('zoe', '$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA')"

test('a column of hashes that was renamed is renamed back, with what stands in it', async () => {
  await sql(
    `INSERT INTO flaskdb.users (name, password_hash) VALUES ${ZOE}`,
    'ALTER TABLE flaskdb.users CHANGE password_hash secret VARCHAR(255) NULL, ADD note TEXT NULL',
  )
  const told = await tellAndHeal('db-schema')
  expect(told).toContain('has the column secret in the place of password_hash')
  const { stdout } = await type('ssh', '--', 'mysql -N -e "SELECT name, password_hash FROM users"')
  expect(stdout).toBe('zoe\t$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA\n')
  await sql("DELETE FROM flaskdb.users WHERE name = 'zoe'", 'ALTER TABLE flaskdb.users DROP COLUMN note')
})

test('where it is not certain what was renamed, nothing is made in its place', async () => {
  await sql(
    `INSERT INTO flaskdb.users (name, password_hash) VALUES ${ZOE}`,
    'ALTER TABLE flaskdb.users CHANGE password_hash secret VARCHAR(255) NULL, CHANGE name login VARCHAR(50) NOT NULL',
  )
  const { checks, rootCauses } = await examine()
  expect(rootCauses).toEqual(['db-schema'])
  expect(checks.find(({ id }) => id === 'db-schema')?.finding).toMatchObject({
    what: expect.stringMatching(/Unknown column 'name' in/),
    why: expect.stringContaining('may stand in login, secret'),
  })
  await student().types(['doctor', '--fix', '--yes'])
  const { stdout } = await type('ssh', '--', 'mysql -N -e "SELECT * FROM users"')
  expect(stdout).toContain('zoe\t$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA\t')
  await sql(
    'ALTER TABLE flaskdb.users RENAME COLUMN secret TO password_hash, RENAME COLUMN login TO name',
    'ALTER TABLE flaskdb.users MODIFY password_hash VARCHAR(255) NOT NULL',
    "DELETE FROM flaskdb.users WHERE name = 'zoe'",
  )
  expect(await examine()).toMatchObject({ healthy: true })
})

test('a table that was renamed is told, and no empty one is made beside it', async () => {
  await sql('RENAME TABLE flaskdb.users TO flaskdb.people')
  const { checks, rootCauses } = await examine()
  expect(rootCauses).toEqual(['db-schema'])
  expect(checks.find(({ id }) => id === 'db-schema')?.finding?.what).toContain('its columns: "people"')
  await student().types(['doctor', '--fix', '--yes'])
  await sql('RENAME TABLE flaskdb.people TO flaskdb.users')
  expect(await examine()).toMatchObject({ healthy: true })
})

test('rights that are too narrow are told in the database’s words', async () => {
  await sql(...DENY, `GRANT SELECT (id, name), INSERT, UPDATE (name) ON flaskdb.users TO ${OWN}`)
  const told = await tellAndHeal('db-schema')
  expect(told).toMatch(/SELECT command denied to user 'flaskapp'.* for column 'password_hash'/)
  expect(told).toMatch(/UPDATE command denied/)
  expect(told).not.toMatch(/INSERT command denied/)
})

test('rights that suffice are enough, whatever they are granted on', async () => {
  await sql(
    ...DENY,
    `GRANT SELECT ON *.* TO ${OWN}`,
    `GRANT UPDATE ON flaskdb.* TO ${OWN}`,
    `GRANT INSERT (name, password_hash) ON flaskdb.users TO ${OWN}`,
  )
  // Rights on more than a table hold for new connections only.
  await type('ssh', '--', 'sudo systemctl restart flasklogin')
  expect(await examine()).toMatchObject({ healthy: true })
})

test('a user that is locked is told, and unlocked', async () => {
  await sql(`ALTER USER ${OWN} ACCOUNT LOCK`)
  expect(await tellAndHeal('db-login')).toContain('Somebody has locked it')
})

test('a user that was dropped is told from one whose password was changed', async () => {
  await sql(`DROP USER ${OWN}`)
  expect(await tellAndHeal('db-login')).toContain('There is no such user')
  await sql(`ALTER USER ${OWN} IDENTIFIED BY 'another'`)
  expect(await tellAndHeal('db-login')).toContain('Its password was changed')
})

test('an account for a narrower host, which stands before the app’s, is told, and equipped', async () => {
  await sql(`CREATE USER ${NARROW} IDENTIFIED BY 'another'`)
  expect(await tellAndHeal('db-login')).toContain('flaskapp@172.31.% stands before flaskapp@%')
  await sql(`REVOKE INSERT ON flaskdb.users FROM ${NARROW}`)
  expect(await tellAndHeal('db-schema')).toContain('flaskapp@172.31.% lacks rights')
  await sql(`DROP USER ${NARROW}`)
})

test('a record that has lost the passwords is told, and gets new ones', async () => {
  const { passwords, ...rest } = record()
  writeFileSync(recordFile(), JSON.stringify(rest))
  expect(await tellAndHeal('db-login')).toContain('does not hold the passwords')
  expect(record().passwords.master).not.toBe(passwords.master)
  expect(record().passwords.app).not.toBe(passwords.app)
})
