import { expect, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { prepareApp, type RunningApp } from './running-app.ts'
import { type Answer, open, register, send } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase
let app: RunningApp
prepareApp((itsDatabase, running) => {
  database = itsDatabase
  app = running
})

const form = { uname: 'Visitor', pwd: 'a password' }
const host = () => new URL(app.url).host

// These fit a site without HTTPS: with any of the missing ones, no form would arrive from a public address.
function expectHeaders({ headers }: Answer) {
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'",
  )
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
  for (const absent of [
    'strict-transport-security',
    'cross-origin-opener-policy',
    'set-cookie',
    'x-powered-by',
  ]) {
    expect(headers.has(absent), absent).toBe(false)
  }
}

test.each(['/', '/login', '/health', '/nowhere', '/%zz'])(
  '%s has the headers of a plain HTTP site',
  async (path) => {
    expectHeaders(await open(`${app.url}${path}`))
  },
)

test('refusals have them, too', async () => {
  expectHeaders(await send(`${app.url}/register`, form, { origin: 'http://evil.example' }))
  expectHeaders(await send(`${app.url}/register`, { uname: 'x'.repeat(20_000) }))
})

test.each(['http://evil.example', 'https://203.0.113.7:5000', 'null', 'nonsense', ''])(
  'a form from %j is refused and changes nothing',
  async (origin) => {
    for (const path of ['/register', '/validate']) {
      const { status, body } = await send(`${app.url}${path}`, form, { origin })
      expect(status).toBe(403)
      expect(body).toContain('from another site')
    }
    expect(await database.query("SELECT name FROM flaskdb.users WHERE name = 'Visitor'")).toEqual([])
  },
)

test('a form from the site itself is taken, and so is one of a program that names no origin', async () => {
  const own = await send(`${app.url}/register`, { ...form, uname: 'Own' }, { origin: `http://${host()}` })
  expect(own.status).toBe(200)
  expect((await register(app, 'Program')).status).toBe(200)
})

test('a link from another site opens the page', async () => {
  expect((await open(`${app.url}/`, { headers: { origin: 'http://evil.example' } })).status).toBe(200)
})

test.each([
  ['GET', '/nowhere'],
  ['GET', '/register'],
  ['GET', '/static/../app.js'],
  ['GET', '/static/%2e%2e/app.js'],
  ['GET', '/.env'],
  ['DELETE', '/'],
])('%s %s is a page that is not found', async (method, path) => {
  const { status, body } = await open(`${app.url}${path}`, { method })
  expect(status).toBe(404)
  expect(body).toContain('Page not found')
})

test('an address that can not be decoded is a bad request, and logged', async () => {
  const { status, body } = await open(`${app.url}/%zz`)
  expect(status).toBe(400)
  expect(body).toContain('could not be understood')
  const line = expect.objectContaining({ method: 'GET', path: '/%zz', status: 400 })
  await expect.poll(() => app.log().at(-1)).toEqual(line)
})

test('a form of more than 16 KiB is refused', async () => {
  const fits = await send(`${app.url}/register`, { uname: 'x'.repeat(16_000), pwd: 'x' })
  expect(fits.status).toBe(400)
  const tooLong = await send(`${app.url}/register`, { uname: 'x'.repeat(16 * 1024), pwd: 'x' })
  expect(tooLong.status).toBe(413)
  expect(tooLong.body).toContain('more than the form can take')
})

test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])(
  '%s is not a form',
  async (type) => {
    const options = { method: 'POST', body: JSON.stringify(form), headers: { 'content-type': type } }
    const { status, body } = await open(`${app.url}/register`, options)
    expect(status).toBe(415)
    expect(body).toContain('form fields only')
  },
)

test('no page loads anything from elsewhere, and the stylesheet is there', async () => {
  const { body } = await open(`${app.url}/`)
  expect([...body.matchAll(/(?:href|src)="(.*?)"/g)].map(([, address]) => address)).toEqual([
    '/static/style.css',
    '/login',
  ])
  const css = await open(`${app.url}/static/style.css`)
  expect({ status: css.status, type: css.headers.get('content-type') }).toEqual({
    status: 200,
    type: 'text/css; charset=utf-8',
  })
  expect(css.body).not.toMatch(/url\(|@import/)
})
