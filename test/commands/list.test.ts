import { expect, test } from 'vitest'
import { list } from '../../src/commands/list.ts'
import { listText } from '../../src/terminal/views/list.ts'
import { billedDatabase } from '../support/billed-database.ts'
import { NOW } from './fake-account.ts'
import { fakeLabs, lab, ME } from './fake-labs.ts'

const hour = 3_600_000
const database = billedDatabase('db', NOW - 2 * hour)

test('tells of each lab whose it is, its age, its state and its cost so far', async () => {
  using labs = fakeLabs([
    lab('young', {
      resources: [{ kind: 'database', id: 'db', name: 'db', state: 'available', madeAt: NOW - 2 * hour }],
      inventory: { servers: [], disks: [], databases: [database] },
      expiresAt: NOW - hour,
    }),
    lab('old', { owner: 'AROAX:bob' }),
    lab('rest', { resources: [{ kind: 'security-group', id: 'sg-1', name: 'web' }] }),
  ])
  const listing = await list({ allRegions: false }, labs.account)
  const nothing = {
    hourly: 0,
    soFar: 0,
    unknown: [],
    expires: null,
    unreadableDeadline: null,
    expired: false,
  }
  expect(listing).toEqual({
    at: '2026-11-22T10:00:00.000Z',
    account: '123456789012',
    regions: ['us-east-1'],
    unseen: [],
    labs: [
      {
        id: 'rest',
        name: 'lab-rest',
        owner: ME,
        mine: true,
        region: 'us-east-1',
        state: 'remains',
        server: null,
        database: null,
        madeAt: null,
        resources: 1,
        ...nothing,
      },
      {
        id: 'old',
        name: 'lab-old',
        owner: 'AROAX:bob',
        mine: false,
        region: 'us-east-1',
        state: 'running',
        server: 'running',
        database: null,
        madeAt: '2026-11-22T05:00:00.000Z',
        resources: 1,
        ...nothing,
      },
      {
        id: 'young',
        name: 'lab-young',
        owner: ME,
        mine: true,
        region: 'us-east-1',
        state: 'running',
        server: null,
        database: 'available',
        madeAt: '2026-11-22T08:00:00.000Z',
        resources: 1,
        // 0.017 for the database and 20 × 0.115 / 730 for its storage.
        hourly: 0.020151,
        soFar: 0.040301,
        unknown: [],
        expires: '2026-11-22T09:00:00.000Z',
        unreadableDeadline: null,
        expired: true,
      },
    ],
  })
  const text = listText(listing, true, 80)
  expect(text).toMatch(
    /lab-young +young +us-east-1 +running +2 h +\$0\.0202 +\$0\.04\n +you, EXPIRED 1 h ago$/m,
  )
  expect(text).toMatch(/lab-old +old +us-east-1 +running +5 h .+ bob$/m)
})

test('looks into every region, and names those that are closed', async () => {
  using labs = fakeLabs([lab('a')])
  const listing = await list({ allRegions: true }, labs.account)
  expect(listing).toMatchObject({
    regions: ['eu-west-1', 'us-east-1', 'us-west-2'],
    labs: [{ id: 'a', region: 'us-east-1' }],
    unseen: [{ region: 'eu-west-1', why: 'You may not look there.' }],
  })
  expect(listText(listing, false, 80)).toContain('Not looked at: eu-west-1. You may not look there.')
})

test('long names and owners go to lines of their own, not beyond the 80th column', async () => {
  const name = 'the-lab-of-the-second-group'
  using labs = fakeLabs([lab('a', { name, owner: 'AROAX:somebody.with.a.long@university.example' })])
  const lines = listText(await list({ allRegions: false }, labs.account), true, 80).split('\n')
  expect(lines.slice(1).map((line) => line.trim().replace(/ .*/, ''))).toEqual([
    'lab',
    name,
    'a',
    'somebody.with.a.long@university.example',
  ])
  expect(lines.filter((line) => line.length > 80)).toEqual([])
})

test('an account without labs is told so', async () => {
  using labs = fakeLabs([])
  expect(listText(await list({ allRegions: false }, labs.account), true, 80)).toBe(
    `There is no lab in the account 123456789012, us-east-1.
One that was made by hand does not carry flasklab’s tags:
"flasklab cost --adopt" looks for it by the handout’s names.`,
  )
})

test('a deadline that can’t be read is told as it stands there, and is none', async () => {
  using labs = fakeLabs([lab('a', { unreadableDeadline: 'until exam 12' })])
  const listing = await list({ allRegions: false }, labs.account)
  expect(listing.labs).toMatchObject([{ expires: null, expired: false, unreadableDeadline: 'until exam 12' }])
  expect(listText(listing, true, 80)).toMatch(/ you, deadline unreadable: until exam 12$/)
})

test('ages and deadlines are by the clock of AWS, however wrong this machine’s is', async () => {
  using labs = fakeLabs([lab('a', { expiresAt: NOW + 4 * hour })])
  const behind = 3 * hour
  const account = {
    ...labs.account,
    clock: { ...labs.account.clock, now: () => NOW - behind },
    cloudIn: (region: string) => ({ ...labs.account.cloudIn(region), clockOffset: behind }),
  }
  expect(listText(await list({ allRegions: false }, account), true, 80)).toMatch(/ 5 h .+\s+you, 4 h left$/)
})
