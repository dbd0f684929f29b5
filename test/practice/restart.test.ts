import { StopInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import {
  DeleteDBInstanceCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { expect, test } from 'vitest'
import { resumeInstances } from '../../src/practice/ec2/instances.ts'
import { resumeDatabases } from '../../src/practice/rds/instances.ts'
import { until } from '../support/until.ts'
import { createDatabase, databaseOf, instanceOf, launch, untilState, untilStatus } from './lab.ts'
import { openCloud, refusal, reopen } from './support.ts'

const NEVER = 60_000
const DBInstanceIdentifier = 'flaskdb-instance'

test('a running server is booted again under its address', async () => {
  const before = await openCloud()
  const id = await launch(before.ec2())
  const { PublicIpAddress } = await untilState(before.ec2(), id, 'running')
  await using after = await reopen(before)
  await until('it is booted', () => after.asked.includes(`boot ${id} no key`))
  expect(await instanceOf(after.ec2(), id)).toMatchObject({ State: { Name: 'running' }, PublicIpAddress })
})

test('a launch that was interrupted goes on', async () => {
  const before = await openCloud({ pace: { instanceStart: NEVER } })
  const id = await launch(before.ec2())
  await using after = await reopen(before)
  await untilState(after.ec2(), id, 'running')
})

test('a start that fails after the interruption keeps the disk', async () => {
  const before = await openCloud({ pace: { instanceStart: NEVER } })
  const id = await launch(before.ec2())
  await before[Symbol.asyncDispose]()
  await using after = await openCloud({ state: JSON.parse(before.saved()) })
  after.failNext('boot', 'no')
  resumeInstances(after.cloud)
  await untilState(after.ec2(), id, 'stopped')
  expect(after.asked).toEqual([`boot ${id} no key`])
})

test('a stop and a termination that were interrupted come to their end', async () => {
  const before = await openCloud({ pace: { instanceStop: NEVER } })
  const [one, two] = [await launch(before.ec2()), await launch(before.ec2())]
  await untilState(before.ec2(), one, 'running')
  await untilState(before.ec2(), two, 'running')
  await before.ec2().send(new StopInstancesCommand({ InstanceIds: [one] }))
  await before.ec2().send(new TerminateInstancesCommand({ InstanceIds: [two] }))
  await using after = await reopen(before)
  await untilState(after.ec2(), one, 'stopped')
  await untilState(after.ec2(), two, 'terminated')
  await until('it is forgotten', async () => (await refusal(instanceOf(after.ec2(), two))) !== 'accepted')
})

test('a client token still holds after a restart', async () => {
  const before = await openCloud()
  const id = await launch(before.ec2(), { ClientToken: 'once' })
  await using after = await reopen(before)
  expect(await launch(after.ec2(), { ClientToken: 'once' })).toBe(id)
})

test('an available database is started again and stays available', async () => {
  const before = await openCloud()
  await before.rds().send(createDatabase())
  await untilStatus(before.rds(), 'available')
  await using after = await reopen(before)
  await until('it is started', () => after.asked.includes('start flaskdb-instance'))
  expect(await databaseOf(after.rds())).toMatchObject({
    DBInstanceStatus: 'available',
    Endpoint: { Port: 23306 },
  })
})

test('a database that cannot be started again has failed', async () => {
  const before = await openCloud()
  await before.rds().send(createDatabase())
  await untilStatus(before.rds(), 'available')
  await before[Symbol.asyncDispose]()
  await using after = await openCloud({ state: JSON.parse(before.saved()) })
  after.failNext('start', 'the data are damaged')
  resumeDatabases(after.cloud)
  await untilStatus(after.rds(), 'failed')
})

test('a database whose making was interrupted has failed, as its password is not kept', async () => {
  const before = await openCloud({ pace: { databaseCreate: NEVER } })
  await before.rds().send(createDatabase())
  await using after = await reopen(before)
  await untilStatus(after.rds(), 'failed')
  const { Events } = await after.rds().send(new DescribeEventsCommand({}))
  expect(Events?.[0]?.Message).toMatch(/stopped while it made this database/)
})

test('a reset of the password that was interrupted is told as an event', async () => {
  const before = await openCloud({ pace: { databaseChange: NEVER } })
  await before.rds().send(createDatabase())
  await untilStatus(before.rds(), 'available')
  await before
    .rds()
    .send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, MasterUserPassword: 'another-one' }))
  await using after = await reopen(before)
  await untilStatus(after.rds(), 'available')
  const { Events = [] } = await after.rds().send(new DescribeEventsCommand({}))
  expect(Events.map(({ Message }) => Message)).toContain(
    'The reset of the master password was interrupted. Reset it again.',
  )
})

test('a stop and a deletion of a database that were interrupted come to their end', async () => {
  const before = await openCloud({ pace: { databaseChange: NEVER, databaseDelete: NEVER } })
  for (const id of ['one', 'two']) {
    await before.rds().send(createDatabase({ DBInstanceIdentifier: id }))
    await untilStatus(before.rds(), 'available', id)
  }
  await before.rds().send(new StopDBInstanceCommand({ DBInstanceIdentifier: 'one' }))
  await before
    .rds()
    .send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'two', SkipFinalSnapshot: true }))
  await using after = await reopen(before)
  await untilStatus(after.rds(), 'stopped', 'one')
  await until('it is gone', async () => (await refusal(databaseOf(after.rds(), 'two'))) !== 'accepted')
})
