import { expect, test } from 'vitest'
import { envFile, parseEnvFile } from '../../src/formats/env-file.ts'
import { ENV_FILES, VALUES } from './env-file-cases.ts'

test('settings are written one a line, in quotes', () => {
  expect(envFile({ RDS_HOST: 'db.example', RDS_PORT: '3306' })).toBe(
    'RDS_HOST="db.example"\nRDS_PORT="3306"\n',
  )
})

test.each(VALUES)('%j is read as it went in', (value) => {
  expect(parseEnvFile(envFile({ BEFORE: '1', VALUE: value, AFTER: '2' }))).toEqual({
    BEFORE: '1',
    VALUE: value,
    AFTER: '2',
  })
})

test.each(ENV_FILES)('%s', (_, text, settings) => {
  expect(parseEnvFile(text)).toEqual(settings)
})

test('whatever the lab writes into one is read as it went in', () => {
  const values = {
    RDS_PASSWORD: '#a$b`c"d\\e\'f g;h=i',
    RDS_CA: '/home/ec2-user/FlaskLoginApp/rds-ca.pem',
    EMPTY: '',
  }
  expect(parseEnvFile(envFile(values))).toEqual(values)
})
