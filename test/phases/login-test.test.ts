import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Browse, Sql } from '../../src/lab/ports.ts'
import { testLogin } from '../../src/phases/login-test.ts'
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

/** The lab's app with its pages as `edit` leaves them; it knows the handout's fields at the handout's addresses. */
async function steps(edit: (html: string) => string) {
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
    const [name, password] = [String(form.get('uname') ?? ''), String(form.get('pwd') ?? '')]
    if (name === '' || password === '') return { status: 400, text: '' }
    if (path === '/register') users.set(name, password)
    else if (path !== '/validate') return { status: 404, text: '' }
    if (users.get(name) !== password) return { status: 401, text: 'Invalid Username or Password' }
    return { status: 200, text: `Welcome, ${name}! You have successfully logged in.` }
  }
  const sql = {
    query: async () => [{ id: 1, password_hash: 'scrypt' }],
    close: async () => {},
  } as unknown as Sql
  using world = fakeWorld({}, { browse })
  const proof = await testLogin(subject, world.kit, async () => sql)
  return proof.steps.map(({ id, passed, detail }) => ({ id, passed, detail }))
}

test('the forms that the pages show are sent, and all steps pass', async () => {
  const all = await steps((html) => html)
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
  const failed = (await steps(edit)).find(({ passed }) => !passed)
  expect(failed).toEqual({ id, passed: false, detail: expect.stringMatching(detail) })
})
