import { expect, test } from 'vitest'
import { parsePythonConfig } from '../../src/host/python-config.ts'

test('db_config.py is read in both forms of the handout', () => {
  const withEnvironment = `db_config = {
    'host': os.environ.get('RDS_HOST', 'db.example.com'),
    'user': os.getenv("RDS_USER", "admin"),
    'password': os.environ.get('RDS_PASSWORD', 'it"s'),
}`
  expect(parsePythonConfig(withEnvironment)).toEqual({
    host: 'db.example.com',
    user: 'admin',
    password: 'it"s',
  })
  expect(parsePythonConfig(`db_config = {"host": "h", 'database' : 'flaskdb'}`)).toEqual({
    host: 'h',
    database: 'flaskdb',
  })
})
