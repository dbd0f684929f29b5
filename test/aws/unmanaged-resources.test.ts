import { expect, test } from 'vitest'
import { stillExisting } from '../../src/aws/existing.ts'
import { listUnmanaged } from '../../src/aws/unmanaged-resources.ts'
import type { Resource, ResourceKind } from '../../src/lab/ports/resources.ts'
import { fields, openAws, refusal, type Script, set, tagList, tagSet } from './scripted-aws.ts'

const lab = { id: '0a1b', name: 'lab', owner: 'AIDA1' }
const ours = { 'flasklab:lab': '0a1b' }
const theirs = { 'flasklab:lab': '9f9f' }

const nothing: Script = {
  DescribeAddresses: set('addressesSet'),
  DescribeDBSnapshots: '<DBSnapshots></DBSnapshots>',
  DescribeDBInstanceAutomatedBackups: '<DBInstanceAutomatedBackups></DBInstanceAutomatedBackups>',
  DescribeDBInstances: '<DBInstances></DBInstances>',
}

test('addresses, snapshots and kept backups are the lab’s by its tag', async () => {
  const snapshot = (id: string, tags: Record<string, string>) =>
    `<DBSnapshot>${fields({ DBSnapshotIdentifier: id, Status: 'available', SnapshotCreateTime: '2026-11-22T10:00:00Z' })}${tagList(tags)}</DBSnapshot>`
  const backup = (id: string, tags: Record<string, string>) =>
    `<DBInstanceAutomatedBackup>${fields({ DbiResourceId: id, DBInstanceIdentifier: 'flaskdb-instance', Status: 'retained' })}${tagList(tags)}</DBInstanceAutomatedBackup>`
  await using aws = await openAws({
    ...nothing,
    DescribeAddresses: set(
      'addressesSet',
      fields({ allocationId: 'eipalloc-1', publicIp: '203.0.113.1' }) + tagSet(ours),
      fields({ allocationId: 'eipalloc-2', publicIp: '203.0.113.2' }) + tagSet(theirs),
    ),
    DescribeInstances: set('reservationSet'),
    DescribeDBSnapshots: (request) =>
      request['Marker'] === 'next'
        ? `<DBSnapshots>${snapshot('late', ours)}</DBSnapshots>`
        : `<Marker>next</Marker><DBSnapshots>${snapshot('theirs', theirs)}</DBSnapshots>`,
    DescribeDBInstanceAutomatedBackups: `<DBInstanceAutomatedBackups>${backup('db-OURS', ours)}${backup('db-THEIRS', theirs)}</DBInstanceAutomatedBackups>`,
  })
  expect(await listUnmanaged(aws.clients, lab)).toEqual({
    found: [
      { kind: 'address', id: 'eipalloc-1', name: '203.0.113.1' },
      {
        kind: 'snapshot',
        id: 'late',
        name: 'late',
        state: 'available',
        madeAt: Date.parse('2026-11-22T10:00:00Z'),
      },
      { kind: 'automated-backup', id: 'db-OURS', name: 'flaskdb-instance', state: 'retained' },
    ],
    unseen: [],
  })
  expect(aws.asked('DescribeDBSnapshots')[0]).toEqual({ SnapshotType: 'manual' })
})

test('things that a student has put to the lab without its tags are told of as such: an address, the database’s logs', async () => {
  await using aws = await openAws({
    ...nothing,
    DescribeAddresses: set(
      'addressesSet',
      fields({ allocationId: 'eipalloc-1', publicIp: '203.0.113.1', instanceId: 'i-1' }),
      fields({ allocationId: 'eipalloc-2', publicIp: '203.0.113.2', instanceId: 'i-2' }),
    ),
    DescribeInstances: set(
      'reservationSet',
      set('instancesSet', fields({ instanceId: 'i-1' }) + tagSet(ours)),
    ),
    DescribeDBInstances: `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db' })}<EnabledCloudwatchLogsExports><member>error</member></EnabledCloudwatchLogsExports>${tagList(ours)}</DBInstance></DBInstances>`,
  })
  const log = '/aws/rds/instance/db/error'
  expect((await listUnmanaged(aws.clients, lab)).found).toEqual([
    { kind: 'address', id: 'eipalloc-1', name: '203.0.113.1', isUntagged: true },
    { kind: 'log-group', id: log, name: log, isUntagged: true },
  ])
})

test('who may not look at one kind is told so, and sees the others', async () => {
  const script = {
    ...nothing,
    DescribeAddresses: refusal('UnauthorizedOperation', 'x', 403),
    DescribeDBSnapshots: refusal('AccessDenied', 'x', 403),
  }
  await using aws = await openAws(script)
  expect(await listUnmanaged(aws.clients, lab)).toEqual({
    found: [],
    unseen: ['Elastic IP addresses', 'DB snapshots'],
  })
})

test('resources that still exist are asked for by id, kind by kind, and ended ones are not among them', async () => {
  const resource = (kind: ResourceKind, id: string): Resource => ({ kind, id, name: '' })
  const state = (name: string) => `<instanceState>${fields({ name })}</instanceState>`
  await using aws = await openAws({
    DescribeInstances: set(
      'reservationSet',
      set(
        'instancesSet',
        fields({ instanceId: 'i-1' }) + state('terminated'),
        fields({ instanceId: 'i-2' }) + state('shutting-down'),
      ),
    ),
    DescribeDBInstances: `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db' })}</DBInstance></DBInstances>`,
    DescribeKeyPairs: set('keySet'),
  })
  const left = await stillExisting(aws.clients, [
    resource('server', 'i-1'),
    resource('server', 'i-2'),
    resource('database', 'db'),
    resource('key-pair', 'key-1'),
  ])
  expect(left).toEqual([resource('server', 'i-2'), resource('database', 'db')])
  expect(aws.asked('DescribeInstances')).toEqual([
    { 'Filter.1.Name': 'instance-id', 'Filter.1.Value.1': 'i-1', 'Filter.1.Value.2': 'i-2' },
  ])
})
