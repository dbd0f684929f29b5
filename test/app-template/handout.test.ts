import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { prepareApp, type RunningApp } from './running-app.ts'
import { logIn, open, register, send } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase
let app: RunningApp
prepareApp((itsDatabase, running) => {
  database = itsDatabase
  app = running
})

const fields = /<form action="(.*?)" method="post">[\s\S]* name="uname"[\s\S]* name="pwd" type="password"/

test('the first page is the registration form', async () => {
  const { status, headers, body } = await open(`${app.url}/`)
  expect({ status, type: headers.get('content-type') }).toEqual({
    status: 200,
    type: 'text/html; charset=utf-8',
  })
  expect(fields.exec(body)?.[1]).toBe('/register')
  expect(body).toContain('Do not use a real password')
})

test('the login page is a form for /validate', async () => {
  const { status, body } = await open(`${app.url}/login`)
  expect(status).toBe(200)
  expect(fields.exec(body)?.[1]).toBe('/validate')
})

test('a new user is told of the success and becomes a row of the table', async () => {
  const { status, body } = await register(app, 'Ada')
  expect(status).toBe(200)
  expect(body).toContain('Registration successful')
  const rows = await database.query("SELECT name FROM flaskdb.users WHERE name = 'Ada'")
  expect(rows).toEqual([{ name: 'Ada' }])
})

test('a user who registered is welcomed by name', async () => {
  await register(app, 'Grace', 'Nanosecond & co +%')
  const { status, body } = await logIn(app, 'Grace', 'Nanosecond & co +%')
  expect(status).toBe(200)
  expect(body).toContain('Welcome, Grace! You have successfully logged in.')
})

test('a wrong password and an unknown name get the same refusal', async () => {
  await register(app, 'Edsger')
  const wrong = await logIn(app, 'Edsger', 'another password')
  const unknown = await logIn(app, 'Nobody', 'another password')
  expect(wrong.status).toBe(401)
  expect(wrong.body).toContain('>Invalid Username or Password<')
  expect(wrong.body).toContain('value="Edsger"')
  expect(fields.exec(wrong.body)?.[1]).toBe('/validate')
  expect(unknown.status).toBe(401)
  expect(unknown.body).toBe(wrong.body.replace('Edsger', 'Nobody'))
})

test('curl -d is enough to register and to log in', async () => {
  const curl = async (path: string) => {
    const { stdout } = await promisify(execFile)('curl', [
      '-s',
      ...['-d', 'uname=Linus', '-d', 'pwd=a+b', '-w', '\n%{http_code}'],
      `${app.url}${path}`,
    ])
    return stdout
  }
  expect(await curl('/register')).toMatch(/Registration successful[\s\S]*\n200$/)
  expect(await curl('/validate')).toMatch(/Welcome, Linus! You have successfully logged in\.[\s\S]*\n200$/)
})

test('curl with a cookie jar that follows redirects is welcomed, and known on the welcome page', async () => {
  using folder = tempFolder()
  const jar = join(folder.path, 'jar')
  const curl = async (...words: string[]) => {
    const flags = ['-s', '-L', '-c', jar, '-b', jar, '-w', '\n%{http_code} %{url_effective}']
    return (await promisify(execFile)('curl', [...flags, ...words])).stdout
  }
  await register(app, 'Margaret H.')
  const form = ['-d', 'uname=Margaret H.', '-d', 'pwd=a password']
  expect(await curl(...form, `${app.url}/validate`)).toContain('Welcome, Margaret H.! You have')
  expect(await curl(`${app.url}/welcome`)).toContain('Welcome, Margaret H.! You have')

  const asBrowser = await curl('-H', `Origin: ${app.url}`, ...form, `${app.url}/validate`)
  expect(asBrowser).toContain('Welcome, Margaret H.! You have')
  expect(asBrowser).toMatch(new RegExp(`\n200 ${app.url}/welcome$`))
})

test.each([
  ['no name', { uname: '', pwd: 'x' }],
  ['spaces for a name', { uname: '  ', pwd: 'x' }],
  ['no password', { uname: 'Barbara', pwd: '' }],
  ['no fields', {}],
])('registration with %s says what is missing', async (_, form) => {
  const { status, body } = await send(`${app.url}/register`, form)
  expect(status).toBe(400)
  expect(body).toContain('Enter both a name and a password.')
  expect(fields.test(body)).toBe(true)
})

test('a field that is sent twice counts as missing', async () => {
  const form = new URLSearchParams('uname=a&uname=b&pwd=x')
  expect((await open(`${app.url}/register`, { method: 'POST', body: form })).status).toBe(400)
})

test('a login without a password says what is missing and keeps the name', async () => {
  const { status, body } = await send(`${app.url}/validate`, { uname: 'Barbara', pwd: '' })
  expect(status).toBe(400)
  expect(body).toContain('Enter both your name and your password.')
  expect(body).toContain('value="Barbara"')
})

test('a refused registration keeps the name and never the password', async () => {
  const { body } = await send(`${app.url}/register`, { uname: 'Barbara', pwd: 'x'.repeat(257) })
  expect(body).toContain('value="Barbara"')
  expect(body).not.toContain('xxx')
})

test('a name of 50 characters is taken, of 51 refused, and an emoji is one character', async () => {
  expect((await register(app, '😀'.repeat(50))).status).toBe(200)
  expect((await logIn(app, '😀'.repeat(50))).body).toContain(`Welcome, ${'😀'.repeat(50)}!`)
  expect((await register(app, 'a'.repeat(50))).status).toBe(200)

  for (const name of ['😀'.repeat(51), 'b'.repeat(51)]) {
    const { status, body } = await register(app, name)
    expect(status).toBe(400)
    expect(body).toContain('at most 50 characters')
    expect(body).toContain(`value="${name}"`)
  }
})

test('names of different emoji are different names', async () => {
  expect((await register(app, '🐘')).status).toBe(200)
  expect((await register(app, '🐬')).status).toBe(200)
})

test('a password of 256 characters is taken and counts to its last one, 257 are refused', async () => {
  const password = '🔑'.repeat(256)
  expect((await register(app, 'Long', password)).status).toBe(200)
  expect((await logIn(app, 'Long', password)).status).toBe(200)
  expect((await logIn(app, 'Long', '🔑'.repeat(255))).status).toBe(401)

  const { status, body } = await register(app, 'Longer', 'x'.repeat(257))
  expect(status).toBe(400)
  expect(body).toContain('at most 256 characters')
})

test('spaces around a name do not count, those around a password do', async () => {
  expect((await register(app, '  Margaret ', ' moon ')).status).toBe(200)
  expect((await logIn(app, 'Margaret', ' moon ')).body).toContain('Welcome, Margaret!')
  expect((await logIn(app, 'Margaret', 'moon')).status).toBe(401)
})

test.each([
  ['the same letters', 'Zoë'],
  ['other case', 'ZOË'],
  ['no accent', 'Zoe'],
  ['an accent written as a character of its own', 'Zoe\u0308'],
  ['spaces around', ' zoë '],
])('a name that is taken is refused in %s', async (_, name) => {
  await register(app, 'Zoë')
  const { status, body } = await register(app, name, 'somebody else')
  expect(status).toBe(409)
  expect(body).toContain('This name is taken.')
  expect(fields.test(body)).toBe(true)
  expect((await logIn(app, 'Zoë', 'somebody else')).status).toBe(401)
})

test('one of two visitors who ask for a name at once has it', async () => {
  const answers = await Promise.all([register(app, 'Twin', 'one'), register(app, 'twin', 'two')])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('a login in other case greets with the name as registered', async () => {
  await register(app, 'Donald')
  expect((await logIn(app, 'donald')).body).toContain('Welcome, Donald! You have successfully logged in.')
})

test('a password typed on another keyboard, with its accent composed otherwise, is the same', async () => {
  await register(app, 'René', 'caf\u00e9')
  expect((await logIn(app, 'René', 'cafe\u0301')).status).toBe(200)
})

test('HTML in a name is shown as text, never as HTML', async () => {
  const name = `<script>alert("1")</script>'&`
  const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'
  expect((await register(app, name)).body).toContain(`successful. ${escaped} is`)
  expect((await register(app, name)).body).toContain(`value="${escaped}"`)
  const { body } = await logIn(app, name)
  expect(body).toContain(`Welcome, ${escaped}! You have`)
  expect(body).not.toContain('<script')
})

test('template and control characters in a name do no harm', async () => {
  expect((await register(app, '{{ 7 * 7 }}')).status).toBe(200)
  expect((await logIn(app, '{{ 7 * 7 }}')).body).toContain('Welcome, {{ 7 * 7 }}!')
  expect((await register(app, 'a\u0000b')).status).toBe(400)
})

test.each(["' OR '1'='1", "x'; DROP TABLE users; -- ", '" OR ""="', "\\' OR 1=1 #"])(
  'SQL in a field is nothing but text: %s',
  async (payload) => {
    await register(app, 'Victim')
    expect((await logIn(app, payload, payload)).status).toBe(401)
    expect((await logIn(app, 'Victim', payload)).status).toBe(401)
    expect((await register(app, payload, payload)).status).toBe(200)
    expect((await logIn(app, payload, payload)).status).toBe(200)
    expect((await logIn(app, 'Victim')).status).toBe(200)
  },
)

test.each(['%', 'Pat%', 'Pat_ern', '.*'])('a name is no pattern: %s', async (pattern) => {
  await register(app, 'Pattern')
  expect((await logIn(app, pattern)).status).toBe(401)
})

test('the health page says that app and database are well, and no more', async () => {
  const { status, headers, body } = await open(`${app.url}/health`)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch(/^application\/json/)
  expect(body).toBe('{"app":"ok","database":"ok"}')
})

test('each request is one line of the log, without query, fields or passwords', async () => {
  await open(`${app.url}/login?pwd=in-the-query`)
  await send(`${app.url}/register`, { uname: 'Logged', pwd: 'never-in-the-log' })
  await logIn(app, 'Logged', 'never-in-the-log-either')
  const lines = [line('GET', '/login', 200), line('POST', '/register', 200), line('POST', '/validate', 401)]
  await expect.poll(() => app.log().slice(-3)).toEqual(lines)
  expect(JSON.stringify(app.log())).not.toMatch(/never-in-the-log|in-the-query|a password|Logged/)
})

function line(method: string, path: string, status: number) {
  const number = expect.any(Number)
  return { time: expect.stringMatching(/^\d{4}-.*Z$/), method, path, status, ms: number, from: '127.0.0.1' }
}
