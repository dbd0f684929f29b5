import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { type Hostile, hostileInputs } from './hostile-input.ts'
import { environmentFor, type RunningApp, startApp, startFlaskdb, withHook } from './running-app.ts'
import { sendFrom } from './visitor.ts'

vi.setConfig({ testTimeout: 30_000, hookTimeout: 180_000 })

let database: TestDatabase
let app: RunningApp

// The place where a text ends up matters here, not how long its hash takes.
const quickHashes = `
  import crypto from 'node:crypto'
  import { syncBuiltinESMExports } from 'node:module'
  const { scrypt } = crypto
  crypto.scrypt = (password, salt, length, options, done) => scrypt(password, salt, length, { ...options, N: 2 }, done)
  syncBuiltinESMExports()`

beforeAll(async () => {
  database = await startFlaskdb()
  app = await startApp({ ...environmentFor(database), ...withHook(quickHashes) }, database.caFile)
})

afterAll(async () => {
  await app?.remove()
  await database?.remove()
})

const password = 'the victim’s own'

test('there are at least two hundred of them, no two the same', () => {
  expect(hostileInputs.length).toBeGreaterThanOrEqual(200)
  expect(new Set(hostileInputs.map(({ what }) => what)).size).toBe(hostileInputs.length)
})

// Each has a victim and an address of its own, so that it reaches the app in full instead of the rate limit.
test.each(hostileInputs.map((input, number) => ({ ...input, number })))(
  '$what does no harm',
  async (input) => {
    const victim = `Victim${String(input.number).padStart(4, '0')}`
    const address = addressOf(input.number)
    const fields = { uname: victim, pwd: password }
    expect(await sendFrom(address, `${app.url}/register`, fields)).toBe(200)
    const before = await rows()
    const seen = app.log().length

    const attack = (path: string) => send(aimAt(victim, input), path, address)
    const expectHarmless = (answer: string) => {
      // Whoever goes on sending more than was ever asked for is hung up on, and may never see the answer.
      if (answer !== '' || (input.body?.length ?? 0) < 100_000) expectWholePage(answer)
    }
    const login = await attack('/validate')
    expectHarmless(login)
    expect(login).not.toMatch(/^location: \/welcome|^set-cookie: session=[^;]|Welcome,/im)
    expectHarmless(await attack('/register'))

    // Registered or not: whom the same fields log in now is nobody but who registered with them.
    const again = await attack('/validate')
    expectHarmless(again)
    expect(again).not.toContain(`Welcome, ${victim}!`)

    const after = await rows()
    expect(after.slice(0, before.length)).toEqual(before)
    expect(after.length - before.length).toBeLessThanOrEqual(1)
    const entries = app.log().slice(seen)
    expect(entries.filter(({ status, error }) => Number(status) >= 500 || error !== undefined)).toEqual([])
    expect(await sendFrom(address, `${app.url}/validate`, fields)).toBe(200)
  },
)

const rows = () => database.query('SELECT id, name, password_hash FROM flaskdb.users ORDER BY id')

const addressOf = (number: number) => `127.0.${1 + Math.floor(number / 200)}.${1 + (number % 200)}`

function aimAt(victim: string, input: Hostile): Hostile {
  const { body } = input
  return typeof body === 'string' ? { ...input, body: body.replaceAll('Victim', victim) } : input
}

/** Byte for byte, which no HTTP client would do. */
async function send(input: Hostile, path: string, localAddress: string): Promise<string> {
  const {
    method = 'POST',
    headers = [['content-type', 'application/x-www-form-urlencoded']],
    body = '',
  } = input
  const { hostname, port, host } = new URL(app.url)
  const socket = connect({ host: hostname, port: Number(port), localAddress })
  const lines = [
    `${method} ${input.path ?? path} HTTP/1.1`,
    `host: ${host}`,
    'connection: close',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  // A refusal may come, and the connection be closed, before all of it is sent.
  socket.on('error', () => {})
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.write(body)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await new Promise((resolve) => socket.on('close', resolve))
  return Buffer.concat(chunks).toString()
}

const tags = /^(?:!doctype|\/?(?:html|head|meta|title|link|body|main|h1|p|form|label|input|button|a))$/
const attributes =
  /^(?:lang|charset|name|content|rel|href|class|id|role|for|value|autocomplete|autocapitalize|aria-describedby|required|type|action|method|html)$/

function expectWholePage(answer: string): void {
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
  expect(status, answer.slice(0, 200)).toBeGreaterThanOrEqual(200)
  expect(status).toBeLessThan(500)
  const [head = '', ...rest] = answer.split('\r\n\r\n')
  expect(head.toLowerCase()).not.toMatch(/planted|x-powered-by|access-control/)
  const body = rest.join('\r\n\r\n')
  // The page may show what was typed in two places only: as the value of a field, or as the name of a user.
  const page = body.replace(/ value="[^"]*"/g, '').replace(/<p class="good">[^<]*<\/p>/g, '<p>')
  expect(page).not.toMatch(
    /sql|maria|fastify|node_modules|node:|ECONN|\bat .*:\d+:\d+|root:|BEGIN CERT|evil|alert\(/i,
  )
  for (const [, tag = '', inside = ''] of page.matchAll(/<([^\s>]*)([^>]*)>/g)) {
    expect(tag.toLowerCase()).toMatch(tags)
    const names = inside.replace(/="[^"]*"/g, ' ').split(/[\s/]+/)
    for (const name of names.filter(Boolean)) expect(name).toMatch(attributes)
  }
}
