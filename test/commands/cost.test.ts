import { expect, test } from 'vitest'
import { cost, costOfHandout } from '../../src/commands/cost.ts'
import type { PricePlan } from '../../src/lab/cost.ts'
import type { Inventory } from '../../src/lab/usage.ts'
import { costText } from '../../src/terminal/views/cost.ts'
import { costChart } from '../../src/terminal/views/cost-chart.ts'
import { costLine, priceSentence } from '../../src/terminal/views/cost-line.ts'
import { fakeWorld } from '../phases/fake-kit.ts'
import { billedDatabase } from '../support/billed-database.ts'
import { plainPaper } from '../support/plain-paper.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-22T10:00:00Z')
const table = { prices: undefined, plan: undefined, bills: true }

const whole: Inventory = {
  servers: [
    { id: 'i-1', type: 't3.micro', state: 'running', startedAt: NOW - 10 * HOUR, stoppedAt: undefined },
  ],
  disks: [{ id: 'vol-1', type: 'gp3', gb: 8, createdAt: NOW - 10 * HOUR, serverId: 'i-1' }],
  databases: [billedDatabase('flaskdb-instance', NOW - 9 * HOUR)],
}
const nothing: Inventory = { servers: [], disks: [], databases: [] }

async function priceLab(
  inventory: Inventory,
  {
    options = table,
    clockOffset = 0,
    saved = true,
  }: {
    options?: { prices: undefined; plan: PricePlan | undefined; bills: boolean }
    clockOffset?: number
    saved?: boolean
  } = {},
) {
  using world = fakeWorld({ takeInventory: async () => inventory, clockOffset })
  if (saved) world.kit.record.save({})
  return await cost(options, world.kit)
}

test('the report of a lab holds what is promised, and all of it as numbers', async () => {
  const { report } = await priceLab(whole)
  expect(report).toMatchObject({
    currency: 'USD',
    pricesAsOf: '2026-03-18',
    region: 'us-east-1',
    hourly: 0.036427,
    soFar: 0.344123,
    ifForgotten30Days: 26.227726,
    unknown: [],
    lab: 'lab',
    bills: true,
    live: false,
    plan: null,
  })
  expect(report.items).toEqual([
    {
      id: 'server',
      what: 'server i-1 (t3.micro, running)',
      unit: 'hour',
      rate: 0.0104,
      hourly: 0.0104,
      soFar: 0.104,
      known: true,
    },
    {
      id: 'public-ipv4',
      what: 'its public IPv4 address',
      unit: 'hour',
      rate: 0.005,
      hourly: 0.005,
      soFar: 0.05,
      known: true,
    },
    {
      id: 'root-volume',
      what: 'root volume vol-1 (8 GB gp3)',
      unit: 'GB-month',
      rate: 0.08,
      hourly: 0.000877,
      soFar: 0.008767,
      known: true,
    },
    {
      id: 'database',
      what: 'database flaskdb-instance (db.t3.micro, available)',
      unit: 'hour',
      rate: 0.017,
      hourly: 0.017,
      soFar: 0.153,
      known: true,
    },
    {
      id: 'database-storage',
      what: 'its storage (20 GB gp3)',
      unit: 'GB-month',
      rate: 0.115,
      hourly: 0.003151,
      soFar: 0.028356,
      known: true,
    },
  ])
})

test('a lab without a record of which nothing exists is priced as it would be', async () => {
  const { report } = await priceLab(nothing, { saved: false })
  expect(report).toMatchObject({ lab: null, hourly: 0.036427, soFar: 0 })
})

test('a lab of which nothing exists costs nothing, and says so', async () => {
  const priced = await priceLab(nothing)
  expect(priced.report).toMatchObject({ lab: 'lab', items: [], hourly: 0, soFar: 0, ifForgotten30Days: 0 })
  expect(costText(priced, plainPaper())).toBe('Nothing of the lab "lab" exists: it costs nothing.')
})

test('time is AWS’s, not that of a laptop whose clock is off', async () => {
  const { report } = await priceLab(whole, { clockOffset: HOUR })
  expect(report.items[0]?.soFar).toBe(0.1144)
})

test('a server that was started again is known to have cost more than AWS tells', async () => {
  const [server] = whole.servers
  const again = { ...whole, servers: server ? [{ ...server, startedAt: NOW - HOUR }] : [] }
  expect(costText(await priceLab(again), plainPaper(100))).toContain(
    'Not known: i-1 was started more than once: what it cost before its last start is not in it.',
  )
  expect(costText(await priceLab(whole), plainPaper())).not.toContain('Not known')
})

test('a lab that nobody bills for says so first, and what it would cost', async () => {
  const text = costText(await priceLab(whole, { options: { ...table, bills: false } }), plainPaper())
  expect(text).toMatch(/^Nothing of the lab "lab" bills: it is not on AWS\.\n.*the same lab would cost:\n/)
  expect(text).toContain('$26.23')
})

test.each<[PricePlan, string]>([
  ['none', '  none     you pay all of it\n'],
  ['credits', '(30 days take $26.23); a free plan ends after six months at most\n'],
  ['legacy', '  legacy   an older account: its 12 free months were over by 15 July 2026, so\n'],
])('the plan %s is told alone where it is chosen', async (plan, words) => {
  const priced = await priceLab(whole, { options: { ...table, plan } })
  expect(priced.report.plan).toBe(plan)
  expect(costText(priced, plainPaper())).toContain(words)
  expect(costText(priced, plainPaper())).not.toContain('unknown here')
})

test('a plan that was not chosen is unknown, and all are told', async () => {
  const text = costText(await priceLab(whole), plainPaper())
  expect(text).toContain('which one yours is, is unknown here (--plan says it)')
  for (const plan of ['none', 'credits', 'legacy']) expect(text).toMatch(new RegExp(`\n  ${plan} `))
})

test('the lines that the usual estimate leaves out are told: the address, the root volume, and support for 8.0', () => {
  const { report } = costOfHandout(table, 'us-east-1', NOW)
  expect(report.leftOut).toEqual([
    { id: 'public-ipv4', what: 'its public IPv4 address', hourly: 0.005, in30Days: 3.6 },
    { id: 'root-volume', what: 'its root volume (8 GB gp3)', hourly: 0.000877, in30Days: 0.631233 },
    { id: 'extended-support', what: 'extended support for MySQL 8.0', hourly: 0.2, in30Days: 144 },
  ])
  const elsewhere = costOfHandout(table, 'eu-west-1', NOW).report.leftOut
  expect(elsewhere.at(-1)).toMatchObject({ id: 'extended-support', hourly: null, in30Days: null })
})

test('a database with MySQL 8.0 shows its support among the items, and once among what is left out', async () => {
  const databases = whole.databases.map((each) => ({
    ...each,
    engineVersion: '8.0.45',
    extendedSupport: true,
  }))
  const { report } = await priceLab({ ...whole, databases })
  expect(report.items.at(-1)).toMatchObject({ id: 'extended-support', rate: 0.1, hourly: 0.2 })
  expect(report.leftOut.map(({ id }) => id)).toEqual(['public-ipv4', 'root-volume', 'extended-support'])
})

test('where no price is known, nothing is drawn or summed up, and --live is named', () => {
  const priced = costOfHandout(table, 'eu-north-1', NOW)
  const text = costText(priced, plainPaper())
  expect(costChart(priced.spent, 80)).toBe('')
  expect(text).toContain('Unknown, and not counted:\n  server (t3.micro)\n')
  expect(text).toContain('"flasklab cost --live" asks AWS for others.')
  expect(text).toContain('If forgotten for 30 days: unknown\n')
  expect(text).not.toContain('$')
})

test('live prices are named as such', () => {
  const prices = { region: 'us-east-1', live: true, of: () => ({ usd: 0.01, asOf: '2026-11-20' }) }
  const priced = costOfHandout({ ...table, prices }, 'us-east-1', NOW)
  expect(priced.report).toMatchObject({ live: true, pricesAsOf: '2026-11-20' })
  expect(costText(priced, plainPaper(100))).toContain(
    'AWS’s list, asked just now in us-east-1, the oldest of 2026-11-20 (server)',
  )
})

test.each([80, 60])('every line fits into %d columns and is plain text', async (columns) => {
  const id = 'i-0d4bd04c661bbb2f4'
  const real: Inventory = {
    servers: whole.servers.map((each) => ({ ...each, id })),
    disks: whole.disks.map((each) => ({ ...each, id: 'vol-078a999a8d518139e', serverId: id })),
    databases: whole.databases,
  }
  const paper = plainPaper(columns)
  const texts = [
    costText(await priceLab(real, { options: { ...table, bills: false } }), paper),
    ...['us-east-1', 'eu-north-1'].map((region) => costText(costOfHandout(table, region, NOW), paper)),
  ]
  for (const text of texts) {
    expect(text.split('\n').filter((line) => line.length > columns)).toEqual([])
    expect(text).toMatch(/^[\n\x20-\x7e’]*$/)
  }
})

test('a name that is too long stands on a line of its own', async () => {
  const name = 'flaskdb-instance-of-a-lab-with-quite-a-long-name'
  const databases = whole.databases.map((each) => ({ ...each, id: name }))
  const text = costText(await priceLab({ ...whole, databases }), plainPaper())
  expect(text).toMatch(
    new RegExp(`  database ${name} \\(db.t3.micro, available\\)\n +\\$0.0170    \\$0.1530\n`),
  )
})

test('one line for the status: what it costs, or would', async () => {
  const { report } = await priceLab(whole)
  expect(costLine(report, true)).toBe('$0.3441 so far, $0.0364 an hour')
  expect(costLine(report, false)).toBe(
    'nothing here bills; on AWS it would be $0.3441 so far, $0.0364 an hour',
  )
  expect(costLine({ hourly: 0.005, soFar: null, unknown: ['server'] }, true)).toBe(
    'unknown so far, $0.0050 an hour, and what is unknown: server',
  )
})

test('the plan of up says the price where it is known, and how to learn it where it is not', () => {
  expect(priceSentence('eu-west-1')).toContain('$0.0388 an hour, $0.93 a day, $27.97 in 30 days')
  expect(priceSentence('eu-north-1')).toBe(
    'The cost of that on AWS in eu-north-1 is not known here: "flasklab cost --live --region eu-north-1" asks AWS.',
  )
})
