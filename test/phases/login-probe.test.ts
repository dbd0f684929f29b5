import { EventEmitter, once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Browse, Sql } from '../../src/lab/ports/host.ts'
import { testLogin } from '../../src/phases/login-probe.ts'
import { until } from '../support/until.ts'
import { fakeWorld } from './fake-kit.ts'

const url = 'http://203.0.113.99:5000'
const subject = {
  server: { id: 'i-1', address: '203.0.113.99', vpcId: 'vpc-1', groupIds: [] },
  database: {
    id: 'flaskdb-instance',
    endpoint: { host: 'db.example', port: 3306 },
    vpcId: 'vpc-1',
    groupIds: [],
  },
  site: { url },
}

interface App {
  /** A change to its pages. */
  readonly edit?: (html: string) => string
  /** Before it answers what was posted there. */
  readonly before?: (path: string) => Promise<unknown>
}

/** The lab's app, which knows the handout's fields at the handout's addresses, and a database that notes its statements. */
function openApp({ edit = (html) => html, before = async () => {} }: App = {}) {
  const page = (name: string) => {
    const html = readFileSync(new URL(`../../app-template/templates/${name}.html`, import.meta.url), 'utf8')
    return { status: 200, text: edit(html.replaceAll(/\{\{.*?\}\}/g, '')) }
  }
  const users = new Map<string, string>()
  const browse: Browse = async (asked, form) => {
    const path = asked.slice(url.length)
    if (form === undefined) {
      const name = { '/': 'register', '/login': 'login' }[path]
      return name === undefined ? { status: 404, text: '' } : page(name)
    }
    await before(path)
    const [name, password] = [String(form.get('uname') ?? ''), String(form.get('pwd') ?? '')]
    if (name === '' || password === '') return { status: 400, text: '' }
    if (path === '/register') users.set(name, password)
    else if (path !== '/validate') return { status: 404, text: '' }
    if (users.get(name) !== password) return { status: 401, text: 'Invalid Username or Password' }
    return { status: 200, text: `Welcome, ${name}! You have successfully logged in.` }
  }
  const told: string[] = []
  const sql: Sql = {
    query: async (statement, values) => {
      told.push([statement, ...values].join(' '))
      return [{ id: 1, password_hash: 'scrypt' }]
    },
    refusalOf: async () => undefined,
    close: async () => {},
  }
  const owed = new Set<() => Promise<unknown>>()
  const ifInterrupted = (takeBack: () => Promise<unknown>) => {
    owed.add(takeBack)
    return () => void owed.delete(takeBack)
  }
  const world = fakeWorld({}, { browse, ifInterrupted })
  const run = async () => {
    const { steps } = await testLogin(subject, world.kit, async () => sql)
    return steps.map(({ id, passed, detail }) => ({ id, passed, detail }))
  }
  return { told, owed, run, [Symbol.dispose]: () => world[Symbol.dispose]() }
}

test('the forms that the pages show are sent, and all steps pass', async () => {
  using app = openApp()
  const all = await app.run()
  expect(all.map(({ id }) => id)).toEqual([
    'site',
    'database',
    'register',
    'login',
    'refused',
    'row',
    'removed',
  ])
  expect(all.filter(({ passed }) => !passed)).toEqual([])
})

test.each([
  [
    'a form that leads nowhere',
    (html: string) => html.replace('/register"', '/registr"'),
    'register',
    /^POST \/registr stored flasklab-test-\w+: no, it answered 404, not 200; its form sends uname, pwd$/,
  ],
  [
    'fields that the app does not know',
    (html: string) => html.replaceAll('uname', 'username'),
    'register',
    /no, it answered 400, not 200; its form sends username, pwd$/,
  ],
  [
    'a form without its method',
    (html: string) => html.replace(' method="post"', ''),
    'register',
    /^GET \/register stored .*; its form sends uname, pwd$/,
  ],
  [
    'no field for a password',
    (html: string) => html.replace(' type="password"', ''),
    'site',
    /^http:\/\/203.0.113.99:5000\/ shows its form: no, its form has no field for a password/,
  ],
])('a page with %s fails, as in a browser', async (_, edit, id, detail) => {
  using app = openApp({ edit })
  const failed = (await app.run()).find(({ passed }) => !passed)
  expect(failed).toEqual({ id, passed: false, detail: expect.stringMatching(detail) })
})

const ERASED = /^DELETE FROM flaskdb\.users WHERE name = \? flasklab-test-[0-9a-f]{8}$/

test('the test removes its user and what former tests have left, and owes nothing then', async () => {
  using app = openApp()
  expect((await app.run()).filter(({ passed }) => !passed)).toEqual([])
  expect(app.told.filter((each) => each.startsWith('DELETE'))).toEqual([
    expect.stringMatching(ERASED),
    "DELETE FROM flaskdb.users WHERE name REGEXP '^flasklab-test-[0-9a-f]{8}$' AND created_at < NOW() - INTERVAL 10 MINUTE",
  ])
  expect(app.owed.size).toBe(0)
})

test('interrupted while its user is being registered, it removes the user once the app has answered', async () => {
  const registering = new EventEmitter()
  const before = async (path: string) => path === '/register' && once(registering, 'answered')
  using app = openApp({ before })
  const running = app.run()
  await until('the app is asked', async () => registering.listenerCount('answered') > 0)
  const takenBack = Promise.all([...app.owed].map((takeBack) => takeBack()))
  expect(app.told).toEqual([])
  registering.emit('answered')
  await takenBack
  expect(app.told).toContainEqual(expect.stringMatching(ERASED))
  await running
})
