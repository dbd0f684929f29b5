import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Evidence } from '../../../src/checks/evidence.ts'
import { checksInOrder } from '../../../src/checks/in-order.ts'
import { envFile } from '../../../src/formats/env-file.ts'
import type { Outcome } from '../../../src/lab/check.ts'
import { Secret } from '../../../src/lab/secret.ts'
import { settings } from '../../../src/phases/7-run-application.ts'
import { fakeEvidence } from '../fake-evidence.ts'

const ENDPOINT = { host: 'db.example', port: 3306 }
const FILES = [{ path: 'app.js', content: Buffer.from('1') }]
const ENV = envFile(settings({ endpoint: ENDPOINT }, new Secret('S3cretS3cret')))
const ACTIVE = 'UnitFileState=enabled\nActiveState=active'
const CRASHES = 'UnitFileState=enabled\nActiveState=activating'

interface Look {
  /** What app.js says on the server; the lab's says "1". */
  readonly app?: string
  readonly env?: string
  readonly state?: string
  readonly listening?: string
  readonly health?: { readonly code: number; readonly ms: number; readonly text: string }
  readonly answers?: object
  readonly isHandmade?: boolean
}

async function examine(id: string, look: Look): Promise<Outcome> {
  const { app = '1', env = ENV, state = ACTIVE, listening = '', isHandmade = false } = look
  const answer = (text: string) => ({ code: 0, text })
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  const sums = answer(`${sum(app)}  app.js\n${sum('CA')}  rds-ca.pem`)
  const kit = {
    project: { files: FILES },
    databaseCa: 'CA',
    reach: async (host: string, port: number) => ({ host, port }),
  }
  const service = { service: answer(state), listening: answer(listening), journal: answer('before') }
  const check = checksInOrder.find((each) => each.id === id)
  if (check === undefined) throw new Error(`There is no check ${id}.`)
  return check.examine({
    ...fakeEvidence({ isHandmade, kit }),
    around: async () => ({ env: answer(env), sums, ...look.answers }),
    service: async () => service,
    serviceNow: async () => ({ ...service, journal: answer('CONSTRAINT `short` failed') }),
    listeners: async () => [],
    health: async () => look.health ?? { code: 0, ms: 20, text: 'ok' },
    page: async () => ({ status: 404, text: '' }),
  } as unknown as Evidence)
}

const ORIGINAL = ['flasklab ssh -- rm -f FlaskLoginApp/.flasklab-digest', 'flasklab up']
const LOCAL = 'LISTEN 0 128 127.0.0.1:5000 0.0.0.0:*'

test('a Flask app that only its own server reaches is told in Flask’s words', async () => {
  const byHand = await examine('app-listen', { listening: LOCAL, isHandmade: true })
  expect(byHand).toMatchObject({
    finding: {
      what: 'The app listens on 127.0.0.1:5000 only.',
      remedy: { say: expect.stringContaining("app.run(host='0.0.0.0', port=5000)") },
    },
  })
  expect(JSON.stringify(byHand)).not.toMatch(/HOST in|phase 7 does/)
  expect(await examine('app-listen', { isHandmade: true })).toMatchObject({
    finding: { remedy: { say: expect.stringContaining('python3 app.py') } },
  })
  const env = ENV.replace('HOST="0.0.0.0"', 'HOST="127.0.0.1"')
  expect(await examine('app-listen', { listening: LOCAL, env })).toMatchObject({
    finding: { what: expect.stringContaining('HOST in ~/FlaskLoginApp/.env is "127.0.0.1"') },
  })
})

test.each([
  ['listens elsewhere', 'app-listen', { listening: '' }],
  ['listens on loopback', 'app-listen', { listening: LOCAL }],
  ['does not answer', 'app-health', { health: { code: 2, ms: 5_003, text: 'TimeoutError' } }],
  ['answers slowly', 'app-health', { health: { code: 0, ms: 4_010, text: 'ok' } }],
  ['has lost its start page', 'site-reachable', {}],
])(
  'an app that somebody has changed, and that %s, is told by its file, and put back',
  async (_, id, look) => {
    const outcome = await examine(id, { app: '2', ...look })
    expect(outcome).toMatchObject({
      status: 'fail',
      finding: { why: expect.stringContaining('~/FlaskLoginApp: app.js.'), remedy: { run: ORIGINAL } },
    })
    // What somebody has written goes away by their own hand only.
    expect(outcome).not.toHaveProperty('mend')
    expect(JSON.stringify(await examine(id, look))).not.toMatch(/app\.js|digest/)
  },
)

test('how long an app takes is told, and an app that is as the lab made it is not put back', async () => {
  expect(await examine('app-health', { health: { code: 0, ms: 4_010, text: 'ok' } })).toMatchObject({
    status: 'fail',
    finding: {
      what: 'Asked for /health on the server, the app takes 4 s to answer.',
      remedy: { run: ['flasklab ssh -- "ps aux --sort=-%cpu | head"'] },
    },
  })
  const silent = { code: 2, ms: 5_003, text: 'TimeoutError' }
  expect(await examine('app-health', { health: silent })).toMatchObject({
    finding: { what: 'Asked for /health on the server, the app does not answer within 5 s.' },
  })
})

test('an app that answers wrongly, and is as the lab made it, is told with its journal’s last words', async () => {
  expect(await examine('site-reachable', {})).toMatchObject({
    finding: {
      why: expect.stringMatching(/Its files are as the lab put them there\. Its journal ends:\nCONSTRAINT/),
      remedy: { run: ['flasklab logs'] },
    },
  })
})

test('files that were changed under a running app are a warning, and no fault', async () => {
  expect(await examine('app-service', {})).toEqual({ status: 'pass' })
  expect(await examine('app-service', { app: 'function (' })).toMatchObject({
    status: 'warn',
    finding: {
      what: expect.stringContaining('Not as the lab put them into ~/FlaskLoginApp: app.js.'),
      why: expect.stringContaining('at its next start'),
    },
  })
})

test('an app that a setting of somebody’s own ends is told by the name of it', async () => {
  const env = `${ENV}NODE_OPTIONS=--no-such-flag\n`
  const outcome = await examine('app-service', { state: CRASHES, env })
  expect(outcome).toMatchObject({
    status: 'fail',
    finding: {
      why: expect.stringContaining('Its .env sets more than the lab does: NODE_OPTIONS.'),
      remedy: { run: ['flasklab up'] },
    },
  })
  expect(JSON.stringify(outcome)).not.toContain('as they were put there')
  expect(await examine('app-service', { state: CRASHES })).toMatchObject({
    finding: { why: expect.stringContaining('node_modules') },
  })
})

test('what is missing is told by its outermost folder', async () => {
  const text = 'node_modules/mysql2\nstatic\nstatic/style.css'
  expect(await examine('app-files', { answers: { missing: { code: 0, text } } })).toMatchObject({
    status: 'fail',
    finding: {
      what: 'In ~/FlaskLoginApp on the server there is no node_modules/mysql2, static.',
      remedy: { run: ORIGINAL },
    },
  })
})

test('a MySQL client without its options is a warning; one that is not there, and one that fails, are not', async () => {
  const mysql = { code: 0, text: '/usr/bin/mysql\nmysql  Ver 15.1' }
  const look = (answers: object) => examine('mysql-client', { answers })
  expect(await look({ mysql, mysqlOptions: { code: 0, text: '' } })).toEqual({
    status: 'pass',
    remark: 'mysql  Ver 15.1',
  })
  expect(await look({ mysql, mysqlOptions: { code: 1, text: '' } })).toMatchObject({
    status: 'warn',
    finding: {
      what: 'Plain "mysql" does not open the database on i-1: there is nothing in ~/.my.cnf.',
      remedy: { run: ['flasklab up'] },
    },
  })
  expect(await look({ mysql, mysqlOptions: { code: 1, text: 'Fatal: garbage' } })).toMatchObject({
    finding: { what: expect.stringContaining('Fatal: garbage') },
  })
  expect(await look({ mysql: { code: 1, text: '' } })).toMatchObject({
    status: 'fail',
    finding: { what: 'The MySQL client is not on i-1 ("mysql: command not found").' },
  })
  expect(await look({ mysql: { code: 127, text: '/usr/bin/mysql\nlibz.so is missing' } })).toMatchObject({
    status: 'fail',
    finding: { what: expect.stringContaining('libz.so is missing') },
  })
})
