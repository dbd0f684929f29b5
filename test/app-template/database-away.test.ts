import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startMariadb, type TestDatabase } from '../support/mariadb.ts'
import { until } from '../support/until.ts'
import { environmentFor, type RunningApp, startApp, startFlaskdb } from './running-app.ts'
import { type Answer, logIn, open, register } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase

beforeAll(async () => {
  database = await startFlaskdb()
})

afterAll(() => database?.remove())

async function start(overrides: Record<string, string> = {}, caFile = database.caFile): Promise<RunningApp> {
  const app = await startApp({ ...environmentFor(database), ...overrides }, caFile)
  onTestFinished(() => app.remove())
  return app
}

const health = (app: RunningApp) => open(`${app.url}/health`)
const isWell = async (app: RunningApp) => (await health(app)).status === 200

async function connections(): Promise<number> {
  const rows = await database.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE USER = 'flaskapp'")
  return rows.length
}

async function expectUnreachable(app: RunningApp): Promise<void> {
  const start = performance.now()
  const { status, body } = await health(app)
  expect({ status, body }).toEqual({ status: 503, body: '{"app":"ok","database":"unreachable"}' })
  expect(performance.now() - start).toBeLessThan(3000)
}

function expectFriendly({ status, headers, body }: Answer): void {
  expect(status).toBe(503)
  expect(headers.get('retry-after')).toBe('5')
  expect(body).toContain('Please try again in a few seconds.')
  expect(body).not.toMatch(
    /mysql|mariadb|sql|fastify|ECONN|ETIMEDOUT|localhost|127\.0|RDS|\bat .*:\d+|node:/i,
  )
}

test('a database that was killed is a friendly page, and all is well once it is back', async () => {
  const app = await start()
  await register(app, 'Before')
  await database.kill()
  expectFriendly(await logIn(app, 'Before'))
  expectFriendly(await register(app, 'Meanwhile'))
  await expectUnreachable(app)
  expect((await open(`${app.url}/`)).status).toBe(200)
  expect(app.log()).toContainEqual(expect.objectContaining({ error: 'ECONNREFUSED' }))

  await database.start()
  await until('the app finds its database again', () => isWell(app))
  expect((await logIn(app, 'Before')).status).toBe(200)
  expect((await register(app, 'Meanwhile')).status).toBe(200)
})

test('the log names the cause of a friendly page', async () => {
  const app = await start({ RDS_PASSWORD: 'wrong' })
  expectFriendly(await register(app, 'Nobody'))
  const entry = expect.objectContaining({ error: 'ER_ACCESS_DENIED_ERROR' })
  await expect.poll(() => app.log()).toContainEqual(entry)
})

test('an app that starts before its database finds it later', async () => {
  await database.kill()
  const app = await start()
  await expectUnreachable(app)
  await database.start()
  await until('the app finds its database', () => isWell(app))
})

test('a database that falls silent in the middle is noticed in time, and found again', async () => {
  const app = await start()
  // More at once than the pool has connections, so that all of them are open, and then all of them stuck.
  const twelve = <T>(ask: () => Promise<T>) => Promise.all(Array.from({ length: 12 }, ask))
  await until('all ten connections are open', async () => {
    await twelve(() => health(app))
    return (await connections()) === 10
  })
  database.freeze()
  try {
    const logins = twelve(() => logIn(app, 'Before'))
    await expectUnreachable(app)
    for (const answer of await logins) expectFriendly(answer)
  } finally {
    database.thaw()
  }
  await until('the app finds its database again', () => isWell(app))
  expect((await register(app, 'After the silence')).status).toBe(200)
})

test('a firewall that never answers holds up neither the health page nor the forms', async () => {
  const silence = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silence, 'listening')
  const app = await start({ RDS_PORT: String((silence.address() as AddressInfo).port) })
  try {
    await expectUnreachable(app)
    const started = performance.now()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => logIn(app, `Visitor ${n}`)))
    answers.forEach(expectFriendly)
    expect(performance.now() - started).toBeLessThan(8000)
    await expectUnreachable(app)
  } finally {
    silence.close()
  }
})

test('a database with the certificate of another authority gets no password', async () => {
  const other = await startMariadb()
  onTestFinished(() => other.remove())
  await expectUnreachable(await start({}, other.caFile))
})

test('a database with a certificate for another name gets no password', async () => {
  const elsewhere = await startFlaskdb('flaskdb-instance.example.com')
  onTestFinished(() => elsewhere.remove())
  const app = await start(environmentFor(elsewhere), elsewhere.caFile)
  await expectUnreachable(app)
  expectFriendly(await register(app, 'Nobody'))
  const entry = expect.objectContaining({
    message: expect.stringMatching(/does not match certificate's altnames/),
  })
  await expect.poll(() => app.log()).toContainEqual(entry)
})

test('without its table the app is not healthy', async () => {
  const app = await start()
  await database.query('RENAME TABLE flaskdb.users TO flaskdb.elsewhere')
  await expectUnreachable(app)
  expectFriendly(await register(app, 'Nobody'))
  await database.query('RENAME TABLE flaskdb.elsewhere TO flaskdb.users')
  expect(await isWell(app)).toBe(true)
})
