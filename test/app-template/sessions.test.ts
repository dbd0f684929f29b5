import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { environmentFor, prepareApp, type RunningApp, startApp, withHook } from './running-app.ts'
import { type Answer, open, register, send } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase
let app: RunningApp
prepareApp((itsDatabase, running) => {
  database = itsDatabase
  app = running
})

beforeAll(async () => void (await register(app, 'Ada')))

/** As a browser does, which names the site that the form is from. */
function logIn(pwd = 'a password', headers: Record<string, string> = {}): Promise<Answer> {
  return send(`${app.url}/validate`, { uname: 'Ada', pwd }, { origin: app.url, ...headers })
}

const sessionIn = ({ headers }: Answer) => (headers.get('set-cookie') ?? '').split(';')[0] ?? ''
const openWelcome = (cookie?: string) =>
  open(`${app.url}/welcome`, cookie === undefined ? {} : { headers: { cookie } })
const logOut = (cookie: string, origin = app.url) => send(`${app.url}/logout`, {}, { origin, cookie })

function expectStranger({ status, headers, body }: Answer): void {
  expect({ status, location: headers.get('location') }).toEqual({ status: 303, location: '/login' })
  expect(body).not.toContain('Welcome')
}

test('a browser that logs in is sent to the welcome page and known there', async () => {
  const answer = await logIn()
  expect({ status: answer.status, location: answer.headers.get('location') }).toEqual({
    status: 303,
    location: '/welcome',
  })
  for (const _ of [1, 2]) {
    const { status, body } = await openWelcome(sessionIn(answer))
    expect(status).toBe(200)
    expect(body).toContain('Welcome, Ada! You have successfully logged in.')
  }
})

// Not Secure, no Domain, no end of its own: plain HTTP would lose the first, the last ends with the browser.
test('the cookie is a random number that no script and no other site may use', async () => {
  const cookies = [await logIn(), await logIn()].map(({ headers }) => headers.get('set-cookie') ?? '')
  for (const cookie of cookies)
    expect(cookie).toMatch(/^session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  expect(new Set(cookies).size).toBe(2)
})

test('without a session, or with an invented one, the welcome page sends to the login', async () => {
  expectStranger(await openWelcome())
  for (const cookie of [
    'session=',
    `session=${'A'.repeat(43)}`,
    'session=undefined',
    'session=__proto__',
    'session=%zz; =; ;;',
    `x=${'y'.repeat(4000)}`,
  ]) {
    expectStranger(await openWelcome(cookie))
  }
})

test('a login ends the session before it, and never takes up a number that was planted', async () => {
  const first = sessionIn(await logIn())
  const second = sessionIn(await logIn('a password', { cookie: first }))
  expect(second).not.toBe(first)
  expectStranger(await openWelcome(first))
  expect((await openWelcome(second)).status).toBe(200)

  const planted = `session=${'B'.repeat(43)}`
  expect(sessionIn(await logIn('a password', { cookie: planted }))).not.toBe(planted)
  expectStranger(await openWelcome(planted))
})

test('a login that fails opens no session and leaves the one there is', async () => {
  const session = sessionIn(await logIn())
  const failed = await logIn('a wrong one', { cookie: session })
  expect(failed.status).toBe(401)
  expect(failed.headers.has('set-cookie')).toBe(false)
  expect((await openWelcome(session)).status).toBe(200)
})

test('logging out ends the session on the server and in the browser, and only that one', async () => {
  const [session, elsewhere] = [sessionIn(await logIn()), sessionIn(await logIn())]
  const answer = await logOut(session)
  expectStranger(answer)
  expect(answer.headers.get('set-cookie')).toBe('session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict')
  expectStranger(await openWelcome(session))
  expect((await openWelcome(elsewhere)).status).toBe(200)
})

test('another site can log nobody out, neither by a form nor by a link', async () => {
  const session = sessionIn(await logIn())
  expect((await logOut(session, 'http://evil.example')).status).toBe(403)
  expect((await open(`${app.url}/logout`, { headers: { cookie: session } })).status).toBe(404)
  expect((await openWelcome(session)).status).toBe(200)
})

test('logging out twice, or as nobody, is no fault', async () => {
  const session = sessionIn(await logIn())
  await logOut(session)
  expectStranger(await logOut(session))
  expectStranger(await open(`${app.url}/logout`, { method: 'POST' }))
})

test('a session ends after an hour', async () => {
  const laterOnSignal = `
    const { now } = Date
    let ahead = 0
    Date.now = () => now() + ahead
    process.on('SIGUSR2', () => {
      ahead += 30 * 60 * 1000
      console.log(JSON.stringify({ ahead }))
    })`
  const clocked = await startApp({ ...environmentFor(database), ...withHook(laterOnSignal) }, database.caFile)
  onTestFinished(() => clocked.remove())
  const halfAnHourLater = async () => {
    const seen = clocked.log().length
    clocked.signal('SIGUSR2')
    await expect.poll(() => clocked.log().slice(seen)).toContainEqual({ ahead: expect.any(Number) })
  }
  const cookie = sessionIn(
    await send(`${clocked.url}/validate`, { uname: 'Ada', pwd: 'a password' }, { origin: clocked.url }),
  )
  const welcome = () => open(`${clocked.url}/welcome`, { headers: { cookie } })
  await halfAnHourLater()
  expect((await welcome()).status).toBe(200)
  await halfAnHourLater()
  expectStranger(await welcome())
})
