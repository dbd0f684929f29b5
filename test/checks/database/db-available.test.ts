import { expect, test } from 'vitest'
import { dbAvailable } from '../../../src/checks/database/db-available.ts'
import { dbExists } from '../../../src/checks/database/db-exists.ts'
import { dbPrivate } from '../../../src/checks/database/db-private.ts'
import { dbSupport } from '../../../src/checks/database/db-support.ts'
import { cloudLooks } from '../../../src/checks/evidence/cloud.ts'
import { systemClock } from '../../../src/cli/system-clock.ts'
import { type Check, diagnose } from '../../../src/lab/check.ts'
import { fakeWorld } from '../../phases/fake-kit.ts'
import { fakeEvidence, type World } from '../fake-evidence.ts'

const region = { id: 'region', title: '', needs: [], examine: async () => ({ status: 'pass' }) as const }

async function examine(status: string, world: World = {}) {
  const base = fakeEvidence({ ...world, database: { status, ...world.database } })
  const seen = await base.database()
  using fake = fakeWorld(
    { findDatabase: async () => seen, databaseEvents: async () => ['It went wrong'] },
    { isHandmade: world.isHandmade ?? false },
  )
  const { deadEnd, databaseEvents } = cloudLooks(fake.kit, fake.kit.cloud)
  const { database, lab } = base
  const evidence = { lab, database, deadEnd, databaseEvents, lostDatabase: async () => undefined }
  const checks: readonly Check<typeof evidence>[] = [region, dbExists, dbAvailable, dbPrivate, dbSupport]
  const results = await diagnose(checks, evidence, { eachMs: 1_000, allMs: 1_000 }, systemClock)
  return Object.fromEntries(results.map((result) => [result.id, result]))
}

test.each(['failed', 'insufficient-capacity', 'incompatible-restore'])(
  'nobody is told to wait for a database that has ended as %s',
  async (status) => {
    const { 'db-available': found } = await examine(status)
    expect(found).toMatchObject({
      status: 'fail',
      finding: {
        why: 'It went wrong',
        remedy: {
          say: expect.stringContaining('take a snapshot'),
          run: ['flasklab cleanup', 'flasklab up'],
        },
      },
    })
    expect(found).not.toHaveProperty('mend')
  },
)

test('a full database is given more room', async () => {
  const { 'db-available': found } = await examine('storage-full')
  expect(found).toMatchObject({
    finding: {
      remedy: {
        run: [
          'aws rds modify-db-instance --db-instance-identifier flaskdb-instance --allocated-storage 40 --apply-immediately --region us-east-1',
          'aws rds wait db-instance-available --db-instance-identifier flaskdb-instance --region us-east-1',
          'flasklab up',
        ],
      },
    },
  })
})

test('one that was made by hand is deleted by hand', async () => {
  const { 'db-available': found } = await examine('failed', { isHandmade: true })
  expect(found).toMatchObject({
    finding: { remedy: { say: expect.stringContaining('create it again as phase 4 has it') } },
  })
})

test('a stopped database is started first: until then it can’t be modified', async () => {
  const database = { isPublic: true, engineVersion: '8.0.40', extendedSupport: true }
  const found = await examine('stopped', { database })
  const blocked = { status: 'blocked', blockedBy: ['db-available'] }
  expect(found).toMatchObject({
    'db-available': { status: 'fail', finding: { remedy: { say: expect.stringMatching(/^Start it/) } } },
    'db-private': blocked,
    'db-support': blocked,
  })
})
