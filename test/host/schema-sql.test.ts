import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaSql } from '../../src/host/schema-sql.ts'
import { newPassword, Secret } from '../../src/lab/secret.ts'

const schema = readFileSync(new URL('../../sql/schema.sql', import.meta.url), 'utf8')

test('the whole of phase 6 stands in one text, that can be run again', () => {
  expect(schemaSql('-- the tables', new Secret('pw'))).toBe(
    [
      'CREATE DATABASE IF NOT EXISTS flaskdb CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;',
      'USE flaskdb;',
      '-- the tables',
      "CREATE USER IF NOT EXISTS 'flaskapp'@'%' IDENTIFIED BY 'pw' REQUIRE SSL;",
      "ALTER USER 'flaskapp'@'%' IDENTIFIED BY 'pw' REQUIRE SSL ACCOUNT UNLOCK;",
      "GRANT SELECT, INSERT, UPDATE (password_hash) ON flaskdb.users TO 'flaskapp'@'%';",
      '',
    ].join('\n'),
  )
})

test('it holds nothing that MySQL 8.4 and MariaDB 10.11 do not both know', () => {
  expect(schemaSql(schema, newPassword())).not.toMatch(
    /utf8mb4_0900|caching_sha2_password|mysql_native_password|IDENTIFIED WITH|GRANT ALL|WITH GRANT OPTION/i,
  )
})
