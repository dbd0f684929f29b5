import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  isWhole,
  lookAround,
  parseAnswers,
  parseListeners,
  parsePythonConfig,
  parseSums,
} from '../../src/host/visit.ts'
import { tempFolder } from '../support/temp-folder.ts'

function visit(home: string, files: readonly string[], packages: readonly string[] = [], programs = '/bin') {
  const command = lookAround(files, packages, 'localhost')
  const env = { HOME: home, PATH: `${programs}:/usr/bin:/bin` }
  return parseAnswers(execFileSync('bash', ['-c', command], { env, encoding: 'utf8' }))
}

test('each question has its own answer and exit code, whatever the files hold', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', '.env'), '#node\n=0\nRDS_HOST="x"\n')
  writeFileSync(join(home.path, 'FlaskLoginApp', 'app.js'), '')
  const answers = visit(home.path, ['app.js', 'it’s missing', 'static/style.css'])
  expect(answers['env']).toEqual({ code: 0, text: '#node\n=0\nRDS_HOST="x"' })
  expect(answers['home']).toEqual({ code: 0, text: home.path })
  expect(answers['node']?.code).not.toBe(0)
  expect(answers['missing']).toEqual({ code: 0, text: 'it’s missing\nstatic/style.css' })
  expect(answers['disk']?.text).toMatch(/\d+ +\d+ +\d+/)
  expect(answers['dns']?.text).toMatch(/127\.0\.0\.1|::1/)
})

test.each([
  ['a last line without an end', 'RDS_HOST="x"\nPORT="5000"', ['RDS_HOST="x"', 'PORT="5000"']],
  ['empty lines', '\nA=1\n\n\n', ['', 'A=1', '', '']],
  ['nothing', '', []],
])('a file with %s is read as it is', (_, written, lines) => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', '.env'), written)
  expect(visit(home.path, [])['env']).toEqual({ code: 0, text: lines.join('\n') })
})

test('the files that are there are told by their checksums', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', 'app.js'), 'x')
  expect(parseSums(visit(home.path, ['app.js', 'it’s missing'])['sums']?.text ?? '')).toEqual({
    'app.js': createHash('sha256').update('x').digest('hex'),
  })
})

test('a package that npm has put there, and that is gone, is missing like a file', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp', 'node_modules', 'eta'), { recursive: true })
  const missing = visit(home.path, [], ['node_modules/eta', 'node_modules/mysql2'])['missing']
  expect(missing).toEqual({ code: 0, text: 'node_modules/mysql2' })
})

test('the MySQL client is there whatever its options say, and these are a question of their own', () => {
  using home = tempFolder()
  const client = join(home.path, 'mysql')
  const says =
    'test "$1" = --no-defaults || ! grep -q garbage ~/.my.cnf || { echo Fatal; exit 1; }; echo 15.1'
  writeFileSync(client, `#!/bin/bash\n${says}\n`)
  chmodSync(client, 0o755)
  const look = () => visit(home.path, [], [], home.path)
  expect(look()['mysql']).toEqual({ code: 0, text: `${client}\n15.1` })
  expect(look()['mysqlOptions']).toEqual({ code: 1, text: '' })
  writeFileSync(join(home.path, '.my.cnf'), 'garbage\n')
  expect(look()['mysql']?.code).toBe(0)
  expect(look()['mysqlOptions']).toEqual({ code: 1, text: 'Fatal' })
  writeFileSync(join(home.path, '.my.cnf'), '[client]\n')
  expect(look()['mysqlOptions']?.code).toBe(0)
})

test('a visit that ends before its end is told apart from one whose answers are no', () => {
  using home = tempFolder()
  expect(isWhole(visit(home.path, ['app.js']))).toBe(true)
  expect(isWhole(parseAnswers(''))).toBe(false)
  expect(isWhole(parseAnswers('#home\n /home/ec2-user\n\n=0\n#disk\n'))).toBe(false)
})

test('who listens on the site’s port is told by process, owner, service and command', () => {
  const text = [
    '4242 own - python3 app.py',
    '17 other nginx.service nginx: master process /usr/sbin/nginx',
    '99 own user@1000.service node app.js',
    '',
  ].join('\n')
  expect(parseListeners(text)).toEqual([
    { pid: 4242, isOwn: true, service: undefined, command: 'python3 app.py' },
    { pid: 17, isOwn: false, service: 'nginx.service', command: 'nginx: master process /usr/sbin/nginx' },
    { pid: 99, isOwn: true, service: undefined, command: 'node app.js' },
  ])
})

test('a project that is not there is told apart from one with missing files', () => {
  using home = tempFolder()
  expect(visit(home.path, ['app.js'])['missing']?.code).not.toBe(0)
})

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
