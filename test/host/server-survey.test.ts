import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readServerSurvey, surveyServer } from '../../src/host/server-survey.ts'
import { tempFolder } from '../support/temp-folder.ts'

function survey(home: string, files: readonly string[], packages: readonly string[] = [], programs = '/bin') {
  const command = surveyServer(files, packages, 'localhost')
  const env = { HOME: home, PATH: `${programs}:/usr/bin:/bin` }
  return readServerSurvey(execFileSync('bash', ['-c', command], { env, encoding: 'utf8' }))
}

test('each question has its own answer, whatever the files hold', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', '.env'), '#node\n=0\nRDS_HOST="x"\n')
  writeFileSync(join(home.path, 'FlaskLoginApp', 'app.js'), '')
  writeFileSync(join(home.path, 'FlaskLoginApp', 'flasklogin.service'), '[Unit]\n\n# last')
  const seen = survey(home.path, ['app.js', 'it’s missing', 'static/style.css'])
  expect(seen).toMatchObject({
    env: { is: 'file', settings: { RDS_HOST: 'x' }, hasMark: false },
    missing: ['it’s missing', 'static/style.css'],
    host: undefined,
    config: { settings: {}, tls: 'unnamed' },
    unit: '[Unit]\n\n# last',
  })
  expect(seen.node.works).toBe(false)
  expect(seen.freeMib).toBeGreaterThan(0)
  expect(seen.databaseAddresses.join()).toMatch(/127\.0\.0\.1|::1/)
})

test.each([
  ['a last line without an end', 'RDS_HOST="x"\nPORT="5000"', { RDS_HOST: 'x', PORT: '5000' }, false],
  ['empty lines', '\nA=1\n\n\n', { A: '1' }, false],
  ['a byte order mark', '\uFEFFA="1"\r\nB="2"\r\n', { B: '2' }, true],
  ['nothing', '', {}, false],
])('settings with %s are read as systemd reads them', (_, written, settings, hasMark) => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', '.env'), written)
  expect(survey(home.path, []).env).toEqual({ is: 'file', settings, hasMark })
})

test('a server with Node.js tells where it is, and its home', () => {
  using home = tempFolder()
  const node = join(home.path, 'node-22')
  writeFileSync(node, '#!/bin/sh\necho v22.1.0\n')
  chmodSync(node, 0o755)
  expect(survey(home.path, [], [], home.path)).toMatchObject({
    host: { home: home.path, node },
    node: { works: true },
  })
})

test('files are summed also where a program lies in a folder with a space', () => {
  using home = tempFolder()
  const programs = join(home.path, 'a b')
  mkdirSync(programs)
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', 'app.js'), 'text')
  writeFileSync(join(programs, 'sha256sum'), '#!/bin/sh\nexec /usr/bin/sha256sum "$@"\n')
  chmodSync(join(programs, 'sha256sum'), 0o755)
  const sum = createHash('sha256').update('text').digest('hex')
  expect(JSON.stringify(survey(home.path, ['app.js'], [], programs).sums)).toContain(sum)
})

test('a folder in the place of the settings is told from none', () => {
  using home = tempFolder()
  expect(survey(home.path, []).env.is).toBe('missing')
  mkdirSync(join(home.path, 'FlaskLoginApp', '.env'), { recursive: true })
  expect(survey(home.path, []).env.is).toBe('folder')
})

test('the files that are there are told by their checksums', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp'))
  writeFileSync(join(home.path, 'FlaskLoginApp', 'app.js'), 'x')
  expect(survey(home.path, ['app.js', 'it’s missing']).sums).toEqual({
    'app.js': createHash('sha256').update('x').digest('hex'),
  })
})

test('a package that npm has put there, and that is gone, is missing like a file', () => {
  using home = tempFolder()
  mkdirSync(join(home.path, 'FlaskLoginApp', 'node_modules', 'eta'), { recursive: true })
  const { missing } = survey(home.path, [], ['node_modules/eta', 'node_modules/mysql2'])
  expect(missing).toEqual(['node_modules/mysql2'])
})

test('the MySQL client is there whatever its options say, and these are a question of their own', () => {
  using home = tempFolder()
  const client = join(home.path, 'mysql')
  const says =
    'test "$1" = --no-defaults || ! grep -q garbage ~/.my.cnf || { echo Fatal; exit 1; }; echo 15.1'
  writeFileSync(client, `#!/bin/bash\n${says}\n`)
  chmodSync(client, 0o755)
  const look = () => survey(home.path, [], [], home.path)
  expect(look().mysql).toEqual({ works: true, said: `${client}\n15.1` })
  expect(look().mysqlOptions).toEqual({ works: false, said: '' })
  writeFileSync(join(home.path, '.my.cnf'), 'garbage\n')
  expect(look().mysql.works).toBe(true)
  expect(look().mysqlOptions).toEqual({ works: false, said: 'Fatal' })
  writeFileSync(join(home.path, '.my.cnf'), '[client]\n')
  expect(look().mysqlOptions.works).toBe(true)
})

test('a visit that ends before its end is told apart from one whose answers are no', () => {
  using home = tempFolder()
  expect(survey(home.path, ['app.js']).isWhole).toBe(true)
  expect(readServerSurvey('').isWhole).toBe(false)
  expect(readServerSurvey('#home\n /home/ec2-user\n\n=0\n#disk\n').isWhole).toBe(false)
})

test('a project that is not there is told apart from one with missing files', () => {
  using home = tempFolder()
  expect(survey(home.path, ['app.js']).missing).toBeUndefined()
})
