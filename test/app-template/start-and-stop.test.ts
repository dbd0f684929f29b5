import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { until } from '../support/until.ts'
import { environmentFor, runApp, startApp, startFlaskdb } from './running-app.ts'
import { open } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase

beforeAll(async () => {
  database = await startFlaskdb()
})

afterAll(() => database?.remove())

const run = (environment: Record<string, string>) => runApp(environment, database.caFile)
const start = async (environment: Record<string, string>) => {
  const app = await startApp(environment, database.caFile)
  onTestFinished(() => app.remove())
  return app
}
const without = (name: string) => {
  const { [name]: _, ...rest } = environmentFor(database)
  return rest
}
const refusal = (why: string) => ({ code: 1, stdout: [], stderr: `FlaskLoginApp can't start: ${why}\n` })

test.each(['RDS_HOST', 'RDS_USER', 'RDS_PASSWORD', 'RDS_DB', 'RDS_CA'])(
  'without %s it does not start and names it',
  async (name) => {
    const expected = refusal(`the environment variable ${name} is missing.`)
    expect(await run(without(name))).toEqual(expected)
    expect(await run({ ...environmentFor(database), [name]: '' })).toEqual(expected)
  },
)

test('without RDS_PORT, HOST and PORT it takes the usual ones', async () => {
  const { RDS_PORT: _, HOST: __, PORT: ___, ...rest } = environmentFor(database)
  const app = await start({ ...rest, PORT: '0' })
  expect(app.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
  const local = `http://127.0.0.1:${new URL(app.url).port}`
  expect((await open(`${local}/`)).status).toBe(200)
})

test('a database port that is no number is named', async () => {
  const expected = refusal('RDS_PORT is "mysql", which is not a port number.')
  expect(await run({ ...environmentFor(database), RDS_PORT: 'mysql' })).toEqual(expected)
})

test('it refuses to work as the master user', async () => {
  const { code, stderr } = await run({ ...environmentFor(database), RDS_USER: 'admin' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^FlaskLoginApp can't start: RDS_USER is admin, the master user\..*\n$/)
})

test('a file of certificates that is missing or empty is named', async () => {
  const environment = environmentFor(database)
  expect(await run({ ...environment, RDS_CA: 'gone.pem' })).toEqual(
    refusal("the file named by RDS_CA, gone.pem, can't be read (ENOENT)."),
  )
  expect(await run({ ...environment, RDS_CA: 'package.json' })).toEqual(
    refusal('the file named by RDS_CA, package.json, holds no certificate.'),
  )
})

test('a port that is in use ends it with one line', async () => {
  const app = await start(environmentFor(database))
  const { code, stderr } = await run({ ...environmentFor(database), PORT: new URL(app.url).port })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^FlaskLoginApp can't start: .*EADDRINUSE.*\n$/)
})

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s lets a request under way finish, then ends it',
  async (signal) => {
    const app = await start(environmentFor(database))
    const visitor = await dial(app.url)
    const form = `uname=Last+${signal}&pwd=x`
    visitor.write(head('POST', '/register', form.length, 'Expect: 100-continue'))
    expect(await visitor.next()).toMatch(/^HTTP\/1.1 100 /)
    app.signal(signal)
    await until('it is stopping', () => app.log().some(({ message }) => message === `Stopping on ${signal}`))
    visitor.write(form)

    expect(await visitor.rest()).toMatch(/^HTTP\/1.1 200 [\s\S]*Registration successful/)
    expect(await app.ended).toBe(0)
    expect(app.log().at(-1)).toMatchObject({ path: '/register', status: 200 })
  },
)

test('a visitor who keeps the connection open does not hold up the stop', async () => {
  const app = await start(environmentFor(database))
  const visitor = await dial(app.url)
  visitor.write(head('GET', '/', 0, 'Connection: keep-alive'))
  expect(await visitor.next()).toMatch(/^HTTP\/1.1 200 /)
  app.signal('SIGTERM')
  expect(await app.ended).toBe(0)
})

test('a database that is silent does not hold up the stop', async () => {
  const app = await start(environmentFor(database))
  await open(`${app.url}/health`)
  database.freeze()
  try {
    app.signal('SIGTERM')
    expect(await app.ended).toBe(0)
  } finally {
    database.thaw()
  }
})

function head(method: string, path: string, length: number, header: string): string {
  const type = 'Content-Type: application/x-www-form-urlencoded'
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${type}\r\nContent-Length: ${length}\r\n${header}\r\n\r\n`
}

async function dial(url: string) {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  await once(socket, 'connect')
  return {
    write: (text: string) => void socket.write(text),
    next: async (): Promise<string> => String((await once(socket, 'data'))[0]),
    rest: async (): Promise<string> => (await socket.toArray()).join(''),
  }
}
