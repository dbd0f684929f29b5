import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shellQuote } from '../../src/formats/shell-quote.ts'
import { optionQuote, sqlQuote } from '../../src/formats/sql-quote.ts'
import { startMariadb, type TestDatabase } from '../support/mariadb.ts'
import { tempFolder } from '../support/temp-folder.ts'

const nasty = [
  '',
  ' ',
  ' both ends ',
  'plain-Word_1./:=@%+,',
  "it's",
  "''",
  '"quoted"',
  '$HOME',
  '$(touch pwned)',
  '`touch pwned`',
  'a\\b',
  'a\\',
  '\\n',
  'a;b',
  'a&&b',
  'a|b>c<d',
  '*?[x]{a,b}',
  '~',
  '!history',
  '#comment',
  '-rf',
  'a\tb',
  'Renée 🚀',
  "x'; DROP TABLE users; --",
  '%',
]

test('every word comes out of bash as it went in', () => {
  const words = [...nasty, 'two\nlines', '\n']
  const command = `printf '%s\\0' ${words.map(shellQuote).join(' ')}`
  const said = execFileSync('bash', ['-c', command], { encoding: 'utf8' })
  expect(said.split('\0').slice(0, -1)).toEqual(words)
})

test('a command that was quoted whole runs as it is, in a shell within the shell', () => {
  const inner = `printf '%s|' ${shellQuote("it's")} ${shellQuote('$HOME')}`
  expect(execFileSync('bash', ['-c', `bash -c ${shellQuote(inner)}`], { encoding: 'utf8' })).toBe(
    "it's|$HOME|",
  )
})

test('words that need no quotes get none, so that commands can be read', () => {
  expect(shellQuote('/usr/bin/node-22')).toBe('/usr/bin/node-22')
})

test.each(nasty.filter((word) => word !== ''))(
  'the mysql client reads the option %j as it went in',
  (word) => {
    using folder = tempFolder()
    const file = join(folder.path, 'my.cnf')
    writeFileSync(file, `[client]\npassword=${optionQuote(word)}\n`)
    const said = execFileSync('mysql', [`--defaults-file=${file}`, '--print-defaults'], { encoding: 'utf8' })
    expect(said.split('\n')[1]).toBe(`--password=${word} `)
  },
)

let database: TestDatabase
beforeAll(async () => {
  database = await startMariadb()
})
afterAll(() => database?.remove())

test('every text comes out of the database server as it went in', async () => {
  const texts = [...nasty, 'two\nlines', 'a\0b', '\\\'"', '%_']
  const [row = {}] = await database.query(
    `SELECT ${texts.map((text, index) => `${sqlQuote(text)} AS c${index}`).join(', ')}`,
  )
  expect(Object.values(row)).toEqual(texts)
})
