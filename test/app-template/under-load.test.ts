import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TestDatabase } from '../support/mariadb.ts'
import { limitMemory } from '../support/memory-limit.ts'
import { until } from '../support/until.ts'
import { environmentFor, prepareApp, type RunningApp, startApp } from './running-app.ts'
import { logIn, open, register, sendFrom } from './visitor.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 })

let database: TestDatabase
let app: RunningApp
prepareApp((itsDatabase, running) => {
  database = itsDatabase
  app = running
})

const LIMIT = 512 * 1024 * 1024

test('with 512 MB of memory, five hundred logins at once are all answered', async () => {
  const small = await startApp(environmentFor(database), database.caFile)
  const limit = await limitMemory(small.pid, LIMIT)
  onTestFinished(async () => {
    await small.remove()
    await limit?.undo()
  })
  await register(small, 'Crowd')
  const logins = Array.from({ length: 500 }, () => logIn(small, 'Crowd').then(({ status }) => status))
  const statuses = await Promise.all(logins)
  expect(statuses.filter((status) => ![200, 429, 503].includes(status))).toEqual([])
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0)

  const status = await readFile(`/proc/${small.pid}/status`, 'utf8')
  expect(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024).toBeLessThan(LIMIT)
  expect((await logIn(small, 'Crowd')).status).toBe(200)
})

test('a database that is killed and started again under load loses no registration that was confirmed', async () => {
  const confirmed: string[] = []
  let refused = 0
  let isOver = false
  const registerOn = async (worker: number) => {
    for (let turn = 0; !isOver; turn++) {
      const uname = `Load ${worker} ${turn}`
      const status = await sendFrom(`127.0.1.${worker}`, `${app.url}/register`, { uname, pwd: 'a password' })
      expect([200, 503]).toContain(status)
      if (status === 200) confirmed.push(uname)
      else refused += 1
    }
  }
  const workers = Array.from({ length: 12 }, (_, worker) => registerOn(worker + 1))
  try {
    for (const round of [1, 2]) {
      const before = confirmed.length
      await until('some are registered', () => confirmed.length >= before + 10)
      await database.kill()
      const refusedBefore = refused
      await until('some are refused', () => refused > refusedBefore)
      await database.start()
      await until(`the app finds its database, round ${round}`, async () => {
        return (await open(`${app.url}/health`)).status === 200
      })
    }
  } finally {
    isOver = true
    await Promise.all(workers)
  }
  const rows = await database.query("SELECT name FROM flaskdb.users WHERE name LIKE 'Load %'")
  const names = rows.map(({ name }) => name)
  expect(confirmed.filter((name) => !names.includes(name))).toEqual([])
  expect(new Set(names).size).toBe(names.length)
  expect((await logIn(app, confirmed.at(-1) ?? '')).status).toBe(200)
})
