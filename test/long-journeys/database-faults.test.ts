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

test('a table in which the app can’t work is told by all that differs, and changed back', async () => {
  await sql(
    'ALTER TABLE flaskdb.users MODIFY id INT NOT NULL, MODIFY password_hash VARCHAR(20) NOT NULL, DROP INDEX name, ADD COLUMN email VARCHAR(9) NOT NULL',
  )
  const told = await tellAndHeal('db-schema')
  expect(told).toContain('has id as int(11) without AUTO_INCREMENT')
  expect(told).toContain('has password_hash as varchar(20)')
  expect(told).toContain('has the column email, which must not be empty')
  expect(told).toContain('has no UNIQUE index on name')
  await sql('ALTER TABLE flaskdb.users DROP COLUMN email')
})

test('columns that were renamed are renamed back, with what stands in them', async () => {
  await sql(
    "INSERT INTO flaskdb.users (name, password_hash) VALUES ('zoe', '$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA')",
    'ALTER TABLE flaskdb.users CHANGE password_hash secret VARCHAR(255) NULL, CHANGE name login VARCHAR(50) NOT NULL, ADD note TEXT NULL',
  )
  const told = await tellAndHeal('db-schema')
  expect(told).toContain('has the column login in the place of name')
  expect(told).toContain('has the column secret in the place of password_hash')
  expect(told).not.toContain('gone')
  const { stdout } = await type('ssh', '--', 'mysql -N -e "SELECT name, password_hash FROM users"')
  expect(stdout).toBe('zoe\t$scrypt$ln=15,r=8,p=1$c2FsdA$aGFzaA\n')
  await sql("DELETE FROM flaskdb.users WHERE name = 'zoe'", 'ALTER TABLE flaskdb.users DROP COLUMN note')
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
