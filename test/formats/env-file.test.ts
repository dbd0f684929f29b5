import { expect, test } from 'vitest'
import { envFile } from '../../src/formats/env-file.ts'
import { readAsSystemd } from '../host/systemd.ts'

test('settings are written one a line, in quotes', () => {
  expect(envFile({ RDS_HOST: 'db.example', RDS_PORT: '3306' })).toBe(
    'RDS_HOST="db.example"\nRDS_PORT="3306"\n',
  )
})

test.each([
  '',
  ' both ends ',
  'a#b',
  '#b',
  'a;b',
  '$HOME',
  '$',
  '`date`',
  'a\\b',
  'a\\',
  '\\n',
  '\\"',
  '"quoted"',
  "it's",
  'a=b',
  'two\nlines',
  'a\tb',
  'Renée 🚀',
])('systemd reads %j as it went in', (value) => {
  expect(readAsSystemd(envFile({ BEFORE: '1', VALUE: value, AFTER: '2' }))).toEqual({
    BEFORE: '1',
    VALUE: value,
    AFTER: '2',
  })
})
