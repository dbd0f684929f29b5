import { describe, expect, test } from 'vitest'
import { costOf, PLANS } from '../../src/lab/cost.ts'
import { listedPrices, listedRegions, type Prices } from '../../src/lab/prices.ts'
import {
  type BilledDatabase,
  type BilledDisk,
  type BilledServer,
  plannedUsage,
  type Usage,
  usageOf,
} from '../../src/lab/usage.ts'
import { billedDatabase } from '../support/billed-database.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-22T12:00:00Z')

const server: BilledServer = {
  id: 'i-1',
  type: 't3.micro',
  state: 'running',
  startedAt: NOW - 10 * HOUR,
  stoppedAt: undefined,
}
const disk: BilledDisk = { id: 'vol-1', type: 'gp3', gb: 8, createdAt: NOW - 10 * HOUR, serverId: 'i-1' }
const database = billedDatabase('flaskdb-instance', NOW - 9 * HOUR)

function price(
  parts: { servers?: BilledServer[]; disks?: BilledDisk[]; databases?: BilledDatabase[] },
  region = 'us-east-1',
) {
  const usage = usageOf({ servers: [], disks: [], databases: [], ...parts }, NOW)
  return costOf(usage, listedPrices(region), NOW)
}

function amounts(
  cost: ReturnType<typeof price>,
): Record<string, [hourly: number | null, soFar: number | null]> {
  return Object.fromEntries(cost.items.map(({ id, hourly, soFar }) => [id, [hourly, soFar]]))
}

// By hand, from the price list: a month is 730 hours.
const byHand = {
  'us-east-1': { server: 0.0104, address: 0.005, disk: 0.08, database: 0.017, storage: 0.115 },
  'ap-south-1': { server: 0.0112, address: 0.005, disk: 0.0912, database: 0.025, storage: 0.131 },
}

describe.each(['us-east-1', 'ap-south-1'] as const)('in %s, a whole lab', (region) => {
  const at = byHand[region]
  const hourly = at.server + at.address + (8 * at.disk) / 730 + at.database + (20 * at.storage) / 730
  const soFar =
    10 * (at.server + at.address + (8 * at.disk) / 730) + 9 * (at.database + (20 * at.storage) / 730)
  const cost = price({ servers: [server], disks: [disk], databases: [database] }, region)

  test('costs to the cent what a calculation by hand says', () => {
    expect(cost.hourly).toBeCloseTo(hourly, 5)
    expect(cost.soFar).toBeCloseTo(soFar, 4)
    expect(cost.ifForgotten30Days).toBeCloseTo(hourly * 720, 2)
    expect(cost).toMatchObject({ currency: 'USD', region, unknown: [] })
  })

  test('is paid by the student without a plan and with an old one, and by credits with a new one', () => {
    const all = { hourly: cost.hourly, soFar: cost.soFar, ifForgotten30Days: cost.ifForgotten30Days }
    expect(cost.byPlan).toEqual({
      none: all,
      credits: { hourly: 0, soFar: 0, ifForgotten30Days: 0 },
      legacy: all,
    })
    expect(Object.keys(cost.byPlan).sort()).toEqual([...PLANS].sort())
  })
})

test('a lab that is only planned has cost nothing, and will cost what a running one does', () => {
  const planned = costOf(plannedUsage(NOW), listedPrices('us-east-1'), NOW)
  const running = price({ servers: [server], disks: [disk], databases: [database] })
  expect(planned.soFar).toBe(0)
  expect([planned.hourly, planned.ifForgotten30Days]).toEqual([0.036427, 26.227726])
  expect([running.hourly, running.ifForgotten30Days]).toEqual([0.036427, 26.227726])
})

describe('AWS’s minimums', () => {
  test('a server and its address of ten seconds cost a minute', () => {
    const young = { ...server, startedAt: NOW - 10_000 }
    expect(amounts(price({ servers: [young] }))).toEqual({
      server: [0.0104, 0.000173],
      'public-ipv4': [0.005, 0.000083],
    })
  })

  test('a database of one minute costs ten, its storage one', () => {
    const young = { ...database, createdAt: NOW - 60_000 }
    expect(amounts(price({ databases: [young] }))).toEqual({
      database: [0.017, 0.002833],
      'database-storage': [0.003151, 0.000053],
    })
  })

  test('a database that is being created has cost nothing yet', () => {
    const coming = { ...database, status: 'creating', createdAt: undefined }
    expect(price({ databases: [coming] })).toMatchObject({ soFar: 0, unknown: [] })
  })
})

describe('a stopped resource', () => {
  const stopped = { ...server, state: 'stopped', stoppedAt: NOW - 4 * HOUR } as const

  test('a server costs the time until it stopped, and its disk goes on', () => {
    const cost = price({ servers: [stopped], disks: [disk] })
    expect(amounts(cost)).toEqual({
      server: [0, 0.0624],
      'public-ipv4': [0, 0.03],
      'root-volume': [0.000877, 0.008767],
    })
    expect(cost.ifForgotten30Days).toBeCloseTo((720 * 8 * 0.08) / 730, 4)
  })

  test('a server of which AWS does not tell when it stopped is unknown, not 0', () => {
    const cost = price({ servers: [{ ...stopped, stoppedAt: undefined }], disks: [disk] })
    expect(amounts(cost)['server']).toEqual([0, null])
    expect(cost.unknown).toEqual(['server', 'public-ipv4'])
    expect(cost.soFar).toBeCloseTo(0.0088, 4)
  })

  test('a database costs its storage, and all of it again after the seven days', () => {
    // It stopped two days ago.
    const resting = { ...database, status: 'stopped', createdAt: NOW - 4 * DAY, restartsAt: NOW + 5 * DAY }
    const cost = price({ databases: [resting] })
    const storage = (20 * 0.115) / 730
    expect(amounts(cost)).toEqual({
      database: [0, 0.816],
      'database-storage': [0.003151, expect.closeTo(96 * storage, 5)],
    })
    expect(cost.ifForgotten30Days).toBeCloseTo(720 * storage + (30 - 5) * 24 * 0.017, 4)
  })

  test('a database whose making has failed costs nothing more', () => {
    expect(price({ databases: [{ ...database, status: 'failed' }] })).toMatchObject({
      hourly: 0,
      ifForgotten30Days: 0,
    })
  })
})

describe('extended support', () => {
  const old = { ...database, engineVersion: '8.0.45', extendedSupport: true }

  test('is billed for each virtual CPU of a MySQL 8.0, stopped or not', () => {
    const twice = [old, { ...old, status: 'stopped', restartsAt: NOW + 7 * DAY }]
    for (const each of twice) {
      expect(amounts(price({ databases: [each] }))['extended-support']).toEqual([0.2, 1.8])
    }
  })

  test('begins with August 2026, whatever the age of the database', () => {
    const since = (Date.parse('2026-11-22T12:00:00Z') - Date.parse('2026-08-01T00:00:00Z')) / HOUR
    const cost = price({ databases: [{ ...old, createdAt: Date.parse('2025-01-01T00:00:00Z') }] })
    expect(amounts(cost)['extended-support']?.[1]).toBeCloseTo(0.2 * since, 4)
  })

  test('is not billed for 8.4, nor where the database is not enrolled', () => {
    const ids = (each: BilledDatabase) => price({ databases: [each] }).items.map(({ id }) => id)
    expect(ids({ ...database, extendedSupport: true })).toEqual(['database', 'database-storage'])
    expect(ids({ ...old, extendedSupport: false })).toEqual(['database', 'database-storage'])
  })
})

describe('an unknown price', () => {
  test('is null and named, and the sum is that of the rest', () => {
    const cost = price({ servers: [{ ...server, type: 'm7i.48xlarge' }] })
    expect(cost.items[0]).toEqual({
      id: 'server',
      what: 'server i-1 (m7i.48xlarge, running)',
      unit: 'hour',
      rate: null,
      hourly: null,
      soFar: null,
      known: false,
    })
    expect(cost).toMatchObject({ unknown: ['server'], hourly: 0.005, soFar: 0.05 })
  })

  test('leaves no sum where nothing is known', () => {
    expect(price({ servers: [server] }, 'mars-north-1')).toMatchObject({
      pricesAsOf: null,
      hourly: null,
      soFar: null,
      ifForgotten30Days: null,
      byPlan: { credits: { hourly: null, soFar: null, ifForgotten30Days: null } },
      unknown: ['server', 'public-ipv4'],
    })
  })

  test('is that of a database in two zones, and of support for a class whose CPUs are not known', () => {
    const twoZones = price({ databases: [{ ...database, isMultiAz: true }] })
    expect(twoZones.unknown).toEqual(['database', 'database-storage'])
    const large = { ...database, class: 'db.x', engineVersion: '8.0.45', extendedSupport: true }
    expect(price({ databases: [large] }).unknown).toEqual(['database', 'extended-support'])
  })
})

test('where nothing exists, it costs nothing', () => {
  expect(price({})).toMatchObject({ items: [], hourly: 0, soFar: 0, ifForgotten30Days: 0, unknown: [] })
})

test('every line has an id of its own, with two servers and a disk left behind', () => {
  const alone = { ...disk, id: 'vol-2', serverId: undefined }
  const { items } = price({ servers: [server, { ...server, id: 'i-2' }], disks: [disk, alone] })
  expect(items.map(({ id }) => id)).toEqual([
    'server',
    'public-ipv4',
    'server-2',
    'public-ipv4-2',
    'root-volume',
    'root-volume-2',
  ])
  expect(items.at(-1)?.what).toBe('root volume vol-2 (8 GB gp3, left behind)')
})

test('a database with a public address pays for it', () => {
  expect(amounts(price({ databases: [{ ...database, isPublic: true }] }))['database-ipv4']).toEqual([
    0.005, 0.045,
  ])
})

test('the date of a sum is that of its oldest price', () => {
  const prices: Prices = {
    region: 'x',
    live: true,
    of: (meter) => ({ usd: 1, asOf: meter === 'address' ? '2025-02-01' : '2026-01-01' }),
  }
  const usage: readonly Usage[] = plannedUsage(NOW)
  expect(costOf(usage, prices, NOW).pricesAsOf).toBe('2025-02-01')
  expect(costOf(usage.slice(2), prices, NOW).pricesAsOf).toBe('2026-01-01')
})

test('the table knows the price of everything that the handout makes, in four regions', () => {
  expect(listedRegions()).toEqual(['us-east-1', 'us-west-2', 'eu-west-1', 'ap-south-1'])
  const hourly = (region: string) => costOf(plannedUsage(NOW), listedPrices(region), NOW)
  for (const region of listedRegions()) expect(hourly(region).unknown, region).toEqual([])
  expect(listedRegions().map((region) => hourly(region).hourly)).toEqual([
    0.036427, 0.036427, 0.038844, 0.045788,
  ])
})
