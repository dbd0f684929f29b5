import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import type { Page, Sql } from '../../src/lab/ports.ts'
import { testLogin } from '../../src/phases/login-test.ts'
import { until } from '../support/until.ts'
import { fakeWorld, seen } from './fake-kit.ts'

const { id, address = '', vpcId, groupIds } = seen({})
const endpoint = { host: 'db.example', port: 3306 }
const subject = {
  server: { id, address, vpcId, groupIds },
  database: { id: 'db', endpoint, vpcId, groupIds },
  site: { url: 'http://site' },
}

/** An app that is well, and a database that remembers what it was told. */
function atWork(answer: (path: string) => Promise<void> = async () => {}) {
  const told: string[] = []
  const owed = new Set<() => Promise<unknown>>()
  const browse = async (url: string, form?: Readonly<Record<string, string>>): Promise<Page> => {
    const path = url.slice('http://site'.length)
    await answer(path)
    if (path !== '/validate') return { status: 200, text: '<form' }
    const isRight = !form?.['pwd']?.endsWith('x')
    const welcome = `Welcome, ${form?.['uname']}! You have successfully logged in.`
    return isRight ? { status: 200, text: welcome } : { status: 401, text: 'Invalid Username or Password' }
  }
  const sql: Sql = {
    query: async (statement, values) => {
      told.push([statement, ...values].join(' '))
      return [{ id: 1, password_hash: 'h' }]
    },
    refusalOf: async () => undefined,
    close: async () => {},
  }
  const ifInterrupted = (takeBack: () => Promise<unknown>) => {
    owed.add(takeBack)
    return () => void owed.delete(takeBack)
  }
  const world = fakeWorld({}, { browse, ifInterrupted })
  return { told, owed, world, run: () => testLogin(subject, world.kit, async () => sql) }
}

const ERASED = /^DELETE FROM flaskdb\.users WHERE name = \? flasklab-test-[0-9a-f]{8}$/

test('the test removes its user and what former tests have left, and owes nothing then', async () => {
  const { told, owed, world, run } = atWork()
  using _ = world
  const { steps } = await run()
  expect(steps.filter(({ passed }) => !passed)).toEqual([])
  expect(told.filter((each) => each.startsWith('DELETE'))).toEqual([
    expect.stringMatching(ERASED),
    "DELETE FROM flaskdb.users WHERE name REGEXP '^flasklab-test-[0-9a-f]{8}$' AND created_at < NOW() - INTERVAL 10 MINUTE",
  ])
  expect(owed.size).toBe(0)
})

test('interrupted while its user is being registered, it removes the user once the app has answered', async () => {
  const registering = new EventEmitter()
  const { told, owed, world, run } = atWork(async (path) => {
    if (path === '/register') await once(registering, 'answered')
  })
  using _ = world
  const running = run()
  await until('the app is asked', async () => registering.listenerCount('answered') > 0)
  const takenBack = Promise.all([...owed].map((takeBack) => takeBack()))
  expect(told).toEqual([])
  registering.emit('answered')
  await takenBack
  expect(told).toContainEqual(expect.stringMatching(ERASED))
  await running
})
