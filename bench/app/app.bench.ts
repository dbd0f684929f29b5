import { execFile, spawn, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  environmentFor,
  type RunningApp,
  startApp,
  startFlaskdb,
} from '../../test/app-template/running-app.ts'
import { register } from '../../test/app-template/visitor.ts'
import type { TestDatabase } from '../../test/support/mariadb.ts'
import { until } from '../../test/support/until.ts'
import { type Load, load } from './wrk.ts'

// Not one of pyenv or a virtual environment: Debian's packages belong to Debian's Python.
const PYTHON = '/usr/bin/python3'
const PACKAGES = 'python3-flask python3-pymysql wrk'
const CONNECTIONS = [1, 50, 500]
const ROUNDS = 5
const WARM_UP_CONNECTIONS = 50
const SECONDS = 2
const HASH_ROUNDS = 3
const HASH_SECONDS = 20
const LIMIT_SECONDS = 3

interface Server {
  readonly url: string
  readonly pid: number
}

let database: TestDatabase
let handout: Server & { stop(): void }
let handoutUnencrypted: Server & { stop(): void }
let ours: RunningApp
let oursInPlainText: RunningApp

beforeAll(async () => {
  const isThere = spawnSync(PYTHON, ['-c', 'import flask, pymysql']).status === 0
  if (!isThere || spawnSync('wrk', ['-v']).error) {
    throw new Error(`The comparison needs: apt-get install --no-install-recommends ${PACKAGES}`)
  }
  database = await startFlaskdb()
  await database.query(`
    CREATE DATABASE handout; USE handout;
    CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, password VARCHAR(50) NOT NULL);
    INSERT INTO users (name, password) VALUES ('Bench', 'a password');
    CREATE USER 'handout'@'%' IDENTIFIED BY 'handout'; GRANT ALL ON handout.* TO 'handout'@'%'`)
  handout = await startHandout('yes')
  handoutUnencrypted = await startHandout('no')
  ours = await startApp(environmentFor(database), database.caFile)
  await register(ours, 'Bench')
  print(`\n${cpus()[0]?.model}, ${availableParallelism()} at once, Node ${process.version}\n`)
  print(`${'what'.padEnd(34)}conn    each second         p50         p99 refused faulty`)
  oursInPlainText = await startApp(environmentFor(database), database.caFile, {
    'passwords.js': join(import.meta.dirname, 'plain-passwords.js'),
  })
  await register(oursInPlainText, 'Plain')
})

afterAll(async () => {
  handout?.stop()
  handoutUnencrypted?.stop()
  await ours?.remove()
  await oursInPlainText?.remove()
  await database?.remove()
})

async function startHandout(tls: 'yes' | 'no'): Promise<Server & { stop(): void }> {
  const port = 20_000 + Math.floor(Math.random() * 10_000)
  const settings = { DB_PORT: String(database.port), DB_USER: 'handout', DB_PASSWORD: 'handout', DB_TLS: tls }
  const child = spawn(PYTHON, [join(import.meta.dirname, 'handout/app.py')], {
    env: { ...settings, PORT: String(port) },
    stdio: 'ignore',
  })
  process.once('exit', () => void child.kill())
  const url = `http://127.0.0.1:${port}`
  await until('the handout’s app answers', () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return { url, pid: child.pid ?? 0, stop: () => void child.kill() }
}

const print = (line: string) => void process.stdout.write(`${line}\n`)

function report(what: string, connections: number, { perSecond, p50, p99, refused, faulty }: Load): void {
  const cells = [
    what.padEnd(34),
    String(connections).padStart(4),
    `${perSecond.toFixed(perSecond < 100 ? 2 : 0)}/s`.padStart(10),
    `${p50.toFixed(1)} ms`.padStart(12),
    `${p99.toFixed(1)} ms`.padStart(12),
    String(refused).padStart(8),
    String(faulty).padStart(7),
  ]
  print(cells.join(''))
}

interface Site {
  readonly what: string
  readonly server: Server
  /** Who logs in there. */
  readonly name?: string
}

/** In turns, so that whatever else the machine does meets all; of each, the run in the middle counts. */
async function compare(path: string, own: Site, others: readonly Site[]): Promise<number[]> {
  const measure = async ({ server, name }: Site, connections: number) => {
    const result = await load(`${server.url}${path}`, connections, SECONDS, name === undefined ? [] : [name])
    await isDone(server)
    return result
  }
  const ratios: number[] = []
  const sites = [own, ...others]
  // A server that has just started is slower: its code is not compiled yet, its connections are not open.
  for (const site of sites) await measure(site, WARM_UP_CONNECTIONS)
  for (const connections of CONNECTIONS) {
    const loads: Load[][] = sites.map(() => [])
    for (let round = 0; round < ROUNDS; round++) {
      for (const [index, site] of sites.entries()) loads[index]?.push(await measure(site, connections))
    }
    const [result, ...theirs] = loads.map(middle)
    if (result === undefined) continue
    sites.forEach(({ what }, index) => {
      const measured = [result, ...theirs][index]
      if (measured) report(what, connections, measured)
    })
    expect(result.faulty).toBe(0)
    ratios.push(...theirs.map(({ perSecond }) => result.perSecond / perSecond))
  }
  print(`${own.what}: ${ratios.map((ratio) => `${ratio.toFixed(1)} times`).join(', ')}\n`)
  return ratios
}

function middle(loads: readonly Load[]): Load {
  const sorted = loads.toSorted((a, b) => a.perSecond - b.perSecond)
  const found = sorted[Math.floor(sorted.length / 2)]
  if (found === undefined) throw new Error('nothing was measured')
  return found
}

test('pages: at least five times as many as the handout’s app', async () => {
  const ratios = await compare('/', { what: 'pages, ours', server: ours }, [
    { what: 'pages, the handout’s app', server: handout },
  ])
  expect(Math.min(...ratios)).toBeGreaterThanOrEqual(5)
})

test('logins with plain passwords in both: at least eight times as many', async () => {
  const plain = { what: 'logins, plain text, ours', server: oursInPlainText, name: 'Plain' }
  const ratios = await compare('/validate', plain, [
    { what: 'logins, the handout’s app', server: handout, name: 'Bench' },
  ])
  // For the record: what the handout's app would gain by sending its passwords to the database in clear text.
  await compare('/validate', plain, [
    { what: 'logins, the same without TLS', server: handoutUnencrypted, name: 'Bench' },
  ])
  expect(Math.min(...ratios)).toBeGreaterThanOrEqual(8)
})

test('logins with hashes: at least nine tenths of what the hash alone allows', async () => {
  const alone = await logInHashed(1)
  const fifty = await logInHashed(50)
  const fiveHundred = await logInHashed(500)
  print(`memory now and at most: ours ${await memory(ours)}, the handout's ${await memory(handout)}\n`)
  expect([alone, fifty, fiveHundred].map(({ faulty }) => faulty)).toEqual([0, 0, 0])
  expect(Math.min(alone.share, fifty.share, fiveHundred.share)).toBeGreaterThanOrEqual(0.9)
  // Whoever is not served within 5 s is told so, as soon as the hash before him is done.
  expect(fiveHundred.p99).toBeLessThan(7000)
})

/** `share`: of what the hash alone allows, measured right before and right after; the round in the middle. */
async function logInHashed(connections: number): Promise<Load & { readonly share: number }> {
  const rounds: (Load & { readonly share: number })[] = []
  for (let round = 0; round < HASH_ROUNDS; round++) {
    const before = await hashesEachSecond(connections)
    const result = await load(`${ours.url}/validate`, connections, HASH_SECONDS, ['Bench', 'count'])
    await isDone(ours)
    rounds.push({
      ...result,
      share: (2 * result.perSecond) / (before + (await hashesEachSecond(connections))),
    })
  }
  const found = rounds.toSorted((a, b) => a.share - b.share)[Math.floor(HASH_ROUNDS / 2)]
  if (found === undefined) throw new Error('nothing was measured')
  report('logins, hashed, ours', connections, found)
  print(`  that is ${found.share.toFixed(2)} of what the hash alone allows`)
  return found
}

/** The most hashes that the processors can do for so many who each wait for their own: the app's own cost, nothing around it. */
async function hashesEachSecond(connections: number): Promise<number> {
  const atOnce = Math.min(connections, availableParallelism(), 4)
  const script = `
    const { scrypt } = require('node:crypto')
    const start = performance.now()
    let done = 0
    const next = () => {
      const seconds = (performance.now() - start) / 1000
      if (seconds > ${LIMIT_SECONDS}) return
      scrypt('a password', 'sixteen bytes ok', 32, { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 }, () => {
        done += 1
        last = performance.now()
        next()
      })
    }
    let last = start
    for (let n = 0; n < ${atOnce}; n++) next()
    process.on('exit', () => console.log((done * 1000) / (last - start)))`
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script])
  return Number(stdout)
}

/** A server goes on with the requests that the generator left behind, at the cost of whoever is measured next. */
async function isDone({ pid }: Server): Promise<void> {
  let before = await processorTicks(pid)
  await until('it has caught up', async () => {
    await setTimeout(200)
    const now = await processorTicks(pid)
    const isIdle = now - before <= 1
    before = now
    return isIdle
  })
}

/** Hundredths of a second that a process has computed, from fields 14 and 15 of its `stat`. */
async function processorTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')')).split(' ')
  return Number(fields[12]) + Number(fields[13])
}

async function memory({ pid }: Server): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024)
  return `${megabytes('VmRSS')} and ${megabytes('VmHWM')} MB`
}
