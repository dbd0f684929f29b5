import { expect, onTestFinished, test, vi } from 'vitest'
import { createCloud, type Handmade } from '../../src/aws/cloud.ts'
import type { Inventory } from '../../src/lab/usage.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { fields, openAws, type Script, set, tagList, tagSet } from './scripted-aws.ts'

const record = { ...newRecord('lab', 'aws', 'us-east-1', undefined), id: '0a1b2c3d4e' }
const tags = { Name: 'FlaskLoginServer', 'flasklab:lab': record.id }

function instance(state: string, more = ''): string {
  const about = fields({
    instanceId: 'i-1',
    instanceType: 't3.micro',
    launchTime: '2026-11-22T10:00:00.000Z',
  })
  return set(
    'reservationSet',
    set(
      'instancesSet',
      `${about}<instanceState>${fields({ name: state })}</instanceState>${more}${tagSet(tags)}`,
    ),
  )
}

function volume(id: string, attachedTo?: string, status = 'in-use'): string {
  const about = { volumeId: id, size: 8, volumeType: 'gp3', status, createTime: '2026-11-22T09:59:58.000Z' }
  const attachment = attachedTo ? set('attachmentSet', fields({ instanceId: attachedTo })) : ''
  return fields(about) + attachment + tagSet(tags)
}

function database(more: Readonly<Record<string, string | boolean>> = {}): string {
  const about = {
    DBInstanceIdentifier: 'flaskdb-instance',
    DBInstanceClass: 'db.t3.micro',
    DBInstanceStatus: 'available',
    InstanceCreateTime: '2026-11-22T10:05:00.000Z',
    StorageType: 'gp3',
    AllocatedStorage: 20,
    EngineVersion: '8.4.6',
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    PubliclyAccessible: false,
    MultiAZ: false,
    ...more,
  }
  return `<DBInstance>${fields(about)}${tagList(tags)}</DBInstance>`
}

async function inventory(script: Script, handmade?: Handmade) {
  await using aws = await openAws(script)
  const cloud = createCloud(aws.config, () => record, handmade)
  const found: Inventory = await cloud.takeInventory()
  return { found, asked: aws.asked }
}

const noDatabases = { DescribeDBInstances: '<DBInstances></DBInstances>' }

test('tells what a bill has lines for: types, sizes, and since when', async () => {
  const { found } = await inventory({
    DescribeInstances: instance('running'),
    DescribeVolumes: set('volumeSet', volume('vol-1', 'i-1')),
    DescribeDBInstances: `<DBInstances>${database()}</DBInstances>`,
  })
  expect(found).toEqual({
    servers: [
      {
        id: 'i-1',
        type: 't3.micro',
        state: 'running',
        startedAt: Date.parse('2026-11-22T10:00:00Z'),
        stoppedAt: undefined,
      },
    ],
    disks: [
      {
        id: 'vol-1',
        type: 'gp3',
        gb: 8,
        createdAt: Date.parse('2026-11-22T09:59:58Z'),
        serverId: 'i-1',
      },
    ],
    databases: [
      {
        id: 'flaskdb-instance',
        class: 'db.t3.micro',
        status: 'available',
        createdAt: Date.parse('2026-11-22T10:05:00Z'),
        restartsAt: undefined,
        diskType: 'gp3',
        gb: 20,
        engineVersion: '8.4.6',
        extendedSupport: false,
        isPublic: false,
        isMultiAz: false,
      },
    ],
  })
})

test('reads when a server stopped out of AWS’s sentence, and when a database will start again', async () => {
  // Elsewhere than in Greenwich, where a time without a zone would be right by chance.
  vi.stubEnv('TZ', 'Asia/Kolkata')
  onTestFinished(() => void vi.unstubAllEnvs())
  const { found } = await inventory({
    DescribeInstances: instance('stopped', fields({ reason: 'User initiated (2026-11-22 11:30:00 GMT)' })),
    DescribeVolumes: set('volumeSet'),
    DescribeDBInstances: `<DBInstances>${database({ DBInstanceStatus: 'stopped', AutomaticRestartTime: '2026-11-29T11:00:00.000Z' })}</DBInstances>`,
  })
  expect(found.servers[0]?.stoppedAt).toBe(Date.parse('2026-11-22T11:30:00Z'))
  expect(found.databases[0]?.restartsAt).toBe(Date.parse('2026-11-29T11:00:00Z'))
})

test('counts a disk once that is found by its tag and by its server, and one that was left behind', async () => {
  const { found } = await inventory({
    ...noDatabases,
    DescribeInstances: instance('running'),
    DescribeVolumes: (request) =>
      request['Filter.1.Name'] === 'attachment.instance-id'
        ? set('volumeSet', volume('vol-1', 'i-1'))
        : set(
            'volumeSet',
            volume('vol-1', 'i-1'),
            volume('vol-2', undefined, 'available'),
            volume('vol-3', undefined, 'deleting'),
          ),
  })
  expect(found.disks.map(({ id, serverId }) => [id, serverId])).toEqual([
    ['vol-1', 'i-1'],
    ['vol-2', undefined],
  ])
})

test('leaves out what is on its way out, and the databases of others', async () => {
  const others = database().replaceAll(record.id, '9999999999')
  const { found } = await inventory({
    DescribeInstances: instance('shutting-down'),
    DescribeVolumes: set('volumeSet'),
    DescribeDBInstances: `<DBInstances>${others}${database({ DBInstanceStatus: 'deleting' })}</DBInstances>`,
  })
  expect(found).toEqual({ servers: [], disks: [], databases: [] })
})

test('finds a lab made by hand by the names that it goes by, and its disk by its server', async () => {
  const { found, asked } = await inventory(
    {
      DescribeInstances: instance('running'),
      DescribeVolumes: set('volumeSet', volume('vol-1', 'i-1')),
      DescribeDBInstances: `<DBInstances>${database()}${database({ DBInstanceIdentifier: 'mine' })}</DBInstances>`,
    },
    { database: 'mine' },
  )
  expect([found.servers, found.disks, found.databases].map((each) => each.map(({ id }) => id))).toEqual([
    ['i-1'],
    ['vol-1'],
    ['mine'],
  ])
  expect(asked('DescribeVolumes')).toEqual([
    { 'Filter.1.Name': 'attachment.instance-id', 'Filter.1.Value.1': 'i-1' },
  ])
})
