import { expect, test } from 'vitest'
import { appFiles } from '../../../src/checks/app/app-files.ts'
import { appHealth } from '../../../src/checks/app/app-health.ts'
import { appListen } from '../../../src/checks/app/app-listen.ts'
import { appService } from '../../../src/checks/app/app-service.ts'
import { siteReachable } from '../../../src/checks/app/site-reachable.ts'
import { mysqlClient } from '../../../src/checks/server/mysql-client.ts'
import type { Health } from '../../../src/host/commands.ts'
import type { ServerSurvey } from '../../../src/host/server-survey.ts'
import type { ServiceSurvey } from '../../../src/host/service-survey.ts'
import type { Check, Outcome } from '../../../src/lab/check.ts'
import { Secret } from '../../../src/lab/secret.ts'
import { settings } from '../../../src/phases/7-run-application.ts'
import { fakeEvidence, surveyOf } from '../fake-evidence.ts'

const ENDPOINT = { host: 'db.example', port: 3306 }
const SETTINGS = settings({ endpoint: ENDPOINT }, new Secret('S3cretS3cret'))

interface Look {
  /** The project's files that somebody has changed. */
  readonly changed?: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
  readonly service?: Partial<ServiceSurvey>
  readonly listening?: readonly string[]
  readonly health?: Health
  readonly survey?: Partial<ServerSurvey>
  readonly isHandmade?: boolean
}

type Site = ReturnType<typeof siteOfApp>

const CHECKS: readonly Check<Site>[] = [
  appFiles,
  appService,
  appListen,
  appHealth,
  siteReachable,
  mysqlClient,
]

function siteOfApp(look: Look) {
  const { isHandmade = false, listening = [], changed = [] } = look
  const service = {
    unitFile: 'enabled',
    state: 'active',
    pid: '1',
    journal: 'before',
    listening,
    ...look.service,
  }
  const env = { is: 'file', settings: look.settings ?? SETTINGS, hasMark: false } as const
  return {
    ...fakeEvidence({ isHandmade }),
    survey: async () => surveyOf({ host: undefined, env, ...look.survey }),
    changedFiles: async () => changed,
    service: async () => service,
    serviceNow: async () => ({ ...service, journal: 'CONSTRAINT `short` failed' }),
    listeners: async () => [],
    health: async () => look.health ?? { code: 0, ms: 20, text: 'ok' },
    siteUrl: async () => 'http://203.0.113.99:5000',
    page: async () => ({ status: 404, text: '' }),
  }
}

async function examine(id: string, look: Look): Promise<Outcome> {
  const check = CHECKS.find((each) => each.id === id)
  if (check === undefined) throw new Error(`There is no check ${id}.`)
  return check.examine(siteOfApp(look))
}

const CRASHES = { state: 'activating' }
const ORIGINAL = ['flasklab ssh -- rm -f FlaskLoginApp/.flasklab-digest', 'flasklab up']
const LOCAL = ['127.0.0.1:5000']

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
  const local = { ...SETTINGS, HOST: '127.0.0.1' }
  expect(await examine('app-listen', { listening: LOCAL, settings: local })).toMatchObject({
    finding: { what: expect.stringContaining('HOST in ~/FlaskLoginApp/.env is "127.0.0.1"') },
  })
})

test.each([
  ['listens elsewhere', 'app-listen', { listening: [] }],
  ['listens on loopback', 'app-listen', { listening: LOCAL }],
  ['does not answer', 'app-health', { health: { code: 2, ms: 5_003, text: 'TimeoutError' } }],
  ['answers slowly', 'app-health', { health: { code: 0, ms: 4_010, text: 'ok' } }],
  ['has lost its start page', 'site-reachable', {}],
])(
  'an app that somebody has changed, and that %s, is told by its file, and put back',
  async (_, id, look) => {
    const outcome = await examine(id, { changed: ['app.js'], ...look })
    expect(outcome).toMatchObject({
      status: 'fail',
      finding: { why: expect.stringContaining('~/FlaskLoginApp: app.js.'), remedy: { run: ORIGINAL } },
    })
    // Only the student's own hand takes away what the student may have written.
    expect(outcome).not.toHaveProperty('mend')
    expect(JSON.stringify(await examine(id, look))).not.toMatch(/app\.js|digest/)
  },
)

test('how long an app takes is told, and an app that is as the lab made it is not put back', async () => {
  expect(await examine('app-health', { health: { code: 0, ms: 4_010, text: 'ok' } })).toMatchObject({
    status: 'fail',
    finding: {
      what: 'Asked for /health on the server, the app takes 4 s to answer.',
      remedy: { run: ["flasklab ssh -- 'ps aux --sort=-%cpu | head'"] },
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
  expect(await examine('app-service', { changed: ['app.js'] })).toMatchObject({
    status: 'warn',
    finding: {
      what: expect.stringContaining('Not as the lab put them into ~/FlaskLoginApp: app.js.'),
      why: expect.stringContaining('at its next start'),
    },
  })
})

test('an app that a setting of somebody’s own ends is told by the name of it', async () => {
  const odd = { ...SETTINGS, NODE_OPTIONS: '--no-such-flag' }
  const outcome = await examine('app-service', { service: CRASHES, settings: odd })
  expect(outcome).toMatchObject({
    status: 'fail',
    finding: {
      why: expect.stringContaining('Its .env sets more than the lab does: NODE_OPTIONS.'),
      remedy: { run: ['flasklab up'] },
    },
  })
  expect(JSON.stringify(outcome)).not.toContain('as they were put there')
  expect(await examine('app-service', { service: CRASHES })).toMatchObject({
    finding: { why: expect.stringContaining('node_modules') },
  })
})

test('a missing path is told by its outermost folder', async () => {
  const missing = ['node_modules/mysql2', 'static', 'static/style.css']
  expect(await examine('app-files', { survey: { missing } })).toMatchObject({
    status: 'fail',
    finding: {
      what: 'In ~/FlaskLoginApp on the server there is no node_modules/mysql2, static.',
      remedy: { run: ORIGINAL },
    },
  })
})

test('a MySQL client without its options is a warning; one that is not there, and one that fails, are not', async () => {
  const look = (survey: Partial<ServerSurvey>) => examine('mysql-client', { survey })
  expect(await look({})).toEqual({
    status: 'pass',
    remark: 'mysql  Ver 15.1',
  })
  expect(await look({ mysqlOptions: { works: false, said: '' } })).toMatchObject({
    status: 'warn',
    finding: {
      what: 'Plain "mysql" does not open the database on i-1: there is nothing in ~/.my.cnf.',
      remedy: { run: ['flasklab up'] },
    },
  })
  expect(await look({ mysqlOptions: { works: false, said: 'Fatal: garbage' } })).toMatchObject({
    finding: { what: expect.stringContaining('Fatal: garbage') },
  })
  expect(await look({ mysql: { works: false, said: '' } })).toMatchObject({
    status: 'fail',
    finding: { what: 'The MySQL client is not on i-1 ("mysql: command not found").' },
  })
  expect(await look({ mysql: { works: false, said: '/usr/bin/mysql\nlibz.so is missing' } })).toMatchObject({
    status: 'fail',
    finding: { what: expect.stringContaining('libz.so is missing') },
  })
})
