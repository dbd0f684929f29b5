import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import {
  appFolder,
  environmentFor,
  type RunningApp,
  startApp,
  startFlaskdb,
  withHook,
} from './running-app.ts'
import { type Answer, logIn, open, register, sendFrom } from './visitor.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 })

let database: TestDatabase

beforeAll(async () => {
  database = await startFlaskdb()
})

afterAll(() => database?.remove())

const aMinuteLaterOnSignal = `
  const { now } = Date
  let ahead = 0
  Date.now = () => now() + ahead
  process.on('SIGUSR2', () => {
    ahead += 61 * 1000
    console.log(JSON.stringify({ ahead }))
  })`

async function start(): Promise<RunningApp> {
  const environment = { ...environmentFor(database), ...withHook(aMinuteLaterOnSignal) }
  const app = await startApp(environment, database.caFile)
  onTestFinished(() => app.remove())
  return app
}

async function minuteLater(app: RunningApp): Promise<void> {
  const seen = app.log().length
  app.signal('SIGUSR2')
  await expect.poll(() => app.log().slice(seen)).toContainEqual({ ahead: expect.any(Number) })
}

function expectTooMany({ status, headers, body }: Answer, withinSeconds: number): void {
  expect(status).toBe(429)
  expect(body).toContain('That was tried too often. Please wait a few minutes, then try again.')
  const seconds = Number(headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(withinSeconds)
}

// A name that is too long can be nobody's: refused like any other, without the work of a hash.
const failQuickly = (app: RunningApp) => logIn(app, 'x'.repeat(51))
const failTimes = (app: RunningApp, times: number) =>
  Promise.all(Array.from({ length: times }, () => failQuickly(app)))

test('ten wrong passwords close a name for five minutes, however it is written, and no other name', async () => {
  const app = await start()
  await register(app, 'Zoë')
  await register(app, 'Zoltan')
  const spellings = ['Zoë', 'zoe', 'ZOE', 'Zoe\u0308', ' zoë ']
  const guess = async () => {
    for (const name of spellings) expect((await logIn(app, name, 'a guess')).status).toBe(401)
  }
  await guess()
  await minuteLater(app)
  await guess()
  expectTooMany(await logIn(app, 'Zoë', 'a guess'), 240)
  expectTooMany(await logIn(app, 'zoe'), 300)
  expect((await logIn(app, 'Zoltan')).status).toBe(200)

  // Five minutes from the first wrong one, whatever was tried since.
  for (const _ of [1, 2, 3]) await minuteLater(app)
  expectTooMany(await logIn(app, 'Zoë'), 60)
  await minuteLater(app)
  expect((await logIn(app, 'Zoë')).status).toBe(200)
})

test('a name that nobody has is closed in the same way, so that this tells nothing', async () => {
  const app = await start()
  for (let guess = 0; guess < 10; guess++) {
    expect((await logIn(app, guess % 2 ? 'nobody' : 'Nobody')).status).toBe(401)
  }
  expectTooMany(await logIn(app, 'nobody'), 300)
})

test('who knows the password may log in as often as he likes', async () => {
  const app = await start()
  await register(app, 'Eager')
  for (let login = 0; login < 12; login++) expect((await logIn(app, 'Eager')).status).toBe(200)
})

test('a class of sixty behind one address that mistypes twice each is not stopped', async () => {
  const app = await start()
  for (const { status } of await failTimes(app, 120)) expect(status).toBe(401)
  expect((await register(app, 'Last of the class')).status).toBe(200)
  expect((await logIn(app, 'Last of the class')).status).toBe(200)
})

test('two hundred failures close the forms for an address for a minute, and for no neighbour', async () => {
  const app = await start()
  for (const { status } of await failTimes(app, 200)) expect(status).toBe(401)
  expectTooMany(await failQuickly(app), 60)
  expectTooMany(await register(app, 'Much too late'), 60)
  expect((await open(`${app.url}/login`)).status).toBe(200)
  const fields = { uname: 'Neighbour', pwd: 'a password' }
  expect(await sendFrom('127.0.0.2', `${app.url}/register`, fields)).toBe(200)
  expect(await sendFrom('127.0.0.2', `${app.url}/validate`, fields)).toBe(200)

  await minuteLater(app)
  expect((await failQuickly(app)).status).toBe(401)
})

test('registrations count for their address, whether the name was free or taken', async () => {
  const app = await start()
  await failTimes(app, 198)
  expect((await register(app, 'Free')).status).toBe(200)
  expect((await register(app, 'Free')).status).toBe(409)
  expectTooMany(await register(app, 'One too many'), 60)
  expect(await database.query("SELECT 1 FROM flaskdb.users WHERE name = 'One too many'")).toEqual([])
})

interface Limit {
  count(key: string): void
  refuseIfTooMany(key: string): void
}

test('the tables are bounded: of very many names the last ones are remembered', async () => {
  const folder = await appFolder(database.caFile)
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const { failuresFor } = (await import(pathToFileURL(join(folder, 'rate-limit.js')).href)) as {
    failuresFor: Limit
  }
  const isClosed = (name: string) => {
    try {
      failuresFor.refuseIfTooMany(name)
      return false
    } catch {
      return true
    }
  }
  const close = (name: string) => {
    for (let failure = 0; failure < 10; failure++) failuresFor.count(name)
  }
  close('the first')
  expect(isClosed('the first')).toBe(true)
  for (let number = 0; number < 10_000; number++) close(`name ${number}`)
  expect(isClosed('the first')).toBe(false)
  expect(isClosed('name 9999')).toBe(true)
})
