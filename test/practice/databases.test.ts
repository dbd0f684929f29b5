import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
} from '@aws-sdk/client-ec2'
import {
  AddTagsToResourceCommand,
  type CreateDBInstanceCommandInput,
  CreateDBSubnetGroupCommand,
  DeleteDBInstanceAutomatedBackupCommand,
  DeleteDBInstanceCommand,
  DeleteDBSnapshotCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEventsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  RebootDBInstanceCommand,
  RemoveTagsFromResourceCommand,
  StartDBInstanceCommand,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { expect, test } from 'vitest'
import { databaseFailed } from '../../src/practice/rds/instances.ts'
import { until } from '../support/until.ts'
import { createDatabase, databaseOf, makeGroup, PASSWORD, untilStatus } from './lab.ts'
import { openCloud, refusal, type TestCloud } from './support.ts'

const DBInstanceIdentifier = 'flaskdb-instance'

async function makeSubnetGroup(cloud: TestCloud, name: string, ...zones: string[]) {
  const { subnets } = cloud.cloud.region('us-east-1')
  const SubnetIds = subnets.filter(({ zone }) => zones.includes(zone.slice(-1))).map(({ id }) => id)
  const request = { DBSubnetGroupName: name, DBSubnetGroupDescription: 'for a test', SubnetIds }
  return await cloud.rds().send(new CreateDBSubnetGroupCommand(request))
}

async function openWithDatabase(wish: Partial<CreateDBInstanceCommandInput> = {}): Promise<TestCloud> {
  const cloud = await openCloud()
  await cloud.rds().send(createDatabase(wish))
  await untilStatus(cloud.rds(), 'available')
  return cloud
}

const remove = (
  cloud: TestCloud,
  wish: { SkipFinalSnapshot?: boolean; FinalDBSnapshotIdentifier?: string },
) => cloud.rds().send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, ...wish }))
const modify = (cloud: TestCloud, wish: Partial<ModifyDBInstanceCommandInput>) =>
  cloud.rds().send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...wish }))

test('the database of the lab is made, gets its endpoint late, and is as it was asked for', async () => {
  await using cloud = await openCloud()
  const rds = cloud.rds()
  const group = await makeGroup(cloud.ec2(), 'data')
  await makeSubnetGroup(cloud, 'flasklab', 'b', 'c')
  const release = cloud.hold('create')
  const { DBInstance: made } = await rds.send(
    createDatabase({
      DBSubnetGroupName: 'flasklab',
      VpcSecurityGroupIds: [group],
      StorageType: 'gp2',
      StorageEncrypted: true,
      MultiAZ: false,
      MonitoringInterval: 0,
      NetworkType: 'IPV4',
      CopyTagsToSnapshot: true,
      DeletionProtection: false,
      Tags: [{ Key: 'flasklab:lab', Value: 'one' }],
    }),
  )
  expect(made).toMatchObject({
    DBInstanceStatus: 'creating',
    PendingModifiedValues: { MasterUserPassword: '****' },
  })
  expect(made?.Endpoint).toBeUndefined()
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(await databaseOf(rds)).toMatchObject({ DBInstanceStatus: 'creating' })
  release()
  const database = await untilStatus(rds, 'available')
  expect(cloud.asked).toEqual([`create flaskdb-instance with a password of ${PASSWORD.length}`])
  expect(database).toMatchObject({
    Endpoint: { Address: 'localhost', Port: 23306 },
    Engine: 'mysql',
    EngineVersion: '8.4.9',
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    DBInstanceClass: 'db.t3.micro',
    MasterUsername: 'admin',
    AllocatedStorage: 20,
    StorageType: 'gp2',
    StorageEncrypted: true,
    BackupRetentionPeriod: 0,
    PubliclyAccessible: false,
    DeletionProtection: false,
    AvailabilityZone: 'us-east-1b',
    DBSubnetGroup: { DBSubnetGroupName: 'flasklab' },
    VpcSecurityGroups: [{ VpcSecurityGroupId: group, Status: 'active' }],
    DBParameterGroups: [{ DBParameterGroupName: 'default.mysql8.4' }],
    TagList: [{ Key: 'flasklab:lab', Value: 'one' }],
  })
  expect(database.DbiResourceId).toMatch(/^db-[A-Z2-7]{26}$/)
  expect(`${cloud.saved()}${cloud.logged}${JSON.stringify(cloud.calls)}`).not.toContain(PASSWORD)
})

test('its interface is one of the network, with its groups, and belongs to RDS', async () => {
  await using cloud = await openWithDatabase()
  const { NetworkInterfaces } = await cloud.ec2().send(new DescribeNetworkInterfacesCommand({}))
  expect(NetworkInterfaces).toMatchObject([
    {
      Description: 'RDSNetworkInterface',
      RequesterId: 'amazon-rds',
      RequesterManaged: true,
      PrivateIpAddress: '172.31.0.4',
      SubnetId: cloud.cloud.region('us-east-1').subnets[0]?.id,
      Groups: [{ GroupName: 'default' }],
    },
  ])
})

test('settings that a request leaves out have the defaults of the API: public, one day of backups, paid support', async () => {
  await using cloud = await openCloud()
  const unsaid = {
    PubliclyAccessible: undefined,
    BackupRetentionPeriod: undefined,
    EngineLifecycleSupport: undefined,
    EngineVersion: undefined,
  }
  const { DBInstance } = await cloud.rds().send(createDatabase(unsaid))
  expect(DBInstance).toMatchObject({
    PubliclyAccessible: true,
    BackupRetentionPeriod: 1,
    EngineLifecycleSupport: 'open-source-rds-extended-support',
    EngineVersion: '8.4.9',
    StorageType: 'gp3',
    StorageEncrypted: false,
    DBSubnetGroup: { DBSubnetGroupName: 'default' },
  })
  await makeSubnetGroup(cloud, 'mine', 'a', 'b')
  const other = { ...unsaid, DBInstanceIdentifier: 'other', DBSubnetGroupName: 'mine' }
  expect((await cloud.rds().send(createDatabase(other))).DBInstance?.PubliclyAccessible).toBe(false)
})

test('a public database needs a way to the internet', async () => {
  await using cloud = await openCloud()
  cloud.cloud.region('us-east-1').internetGateways = []
  const request = cloud.rds().send(createDatabase({ PubliclyAccessible: true }))
  expect(await refusal(request)).toMatch(/^InvalidVPCNetworkStateFault: .*no internet gateway/)
})

test('with backups it passes through backing-up, and has automated backups as long as it lives', async () => {
  await using cloud = await openCloud({ pace: { databaseChange: 1_500 } })
  const rds = cloud.rds()
  const backups = async () =>
    (await rds.send(new DescribeDBInstanceAutomatedBackupsCommand({}))).DBInstanceAutomatedBackups
  await rds.send(createDatabase({ BackupRetentionPeriod: 1 }))
  await untilStatus(rds, 'backing-up')
  await untilStatus(rds, 'available')
  expect(await backups()).toMatchObject([
    { DBInstanceIdentifier, Status: 'active', BackupRetentionPeriod: 1 },
  ])
  await remove(cloud, { SkipFinalSnapshot: true })
  await until('it is gone', async () => (await refusal(databaseOf(rds))).startsWith('DBInstanceNotFound'))
  expect(await backups()).toEqual([])
})

test('an impossible database is refused in the words of RDS', async () => {
  await using cloud = await openCloud()
  const foreignVpc = 'vpc-00000000000000001'
  cloud.cloud
    .region('us-east-1')
    .vpcs.push({ id: foreignVpc, cidr: '10.0.0.0/16', isDefault: false, tags: {} })
  const foreign = await makeGroup(cloud.ec2(), 'foreign', foreignVpc)
  const password = 'InvalidParameterValue: The parameter MasterUserPassword is not a valid password'
  const identifier = 'InvalidParameterValue: The parameter DBInstanceIdentifier is not a valid identifier.'
  const cases: [Partial<CreateDBInstanceCommandInput>, string][] = [
    [{ MasterUserPassword: 'short12' }, `${password} because it is shorter than 8 characters.`],
    [{ MasterUserPassword: 'a'.repeat(42) }, `${password} because it is longer than 41 characters.`],
    [
      { MasterUserPassword: 'p@ssword' },
      `${password}. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`,
    ],
    [{ MasterUserPassword: 'two words' }, `${password}. Only`],
    [{ MasterUserPassword: "it'sit'sit" }, `${password}. Only`],
    [{ MasterUserPassword: 'pässword' }, `${password}. Only`],
    [
      { MasterUserPassword: undefined },
      'InvalidParameterValue: The parameter MasterUserPassword must be provided',
    ],
    [{ MasterUsername: undefined }, 'InvalidParameterValue: The parameter MasterUsername must be provided'],
    [{ MasterUsername: 'rdsadmin' }, 'InvalidParameterValue: MasterUsername rdsadmin cannot be used'],
    [
      { MasterUsername: 'a'.repeat(17) },
      'InvalidParameterValue: The parameter MasterUsername is not a valid',
    ],
    [{ DBInstanceIdentifier: 'flask--db' }, identifier],
    [{ DBInstanceIdentifier: '1flask' }, identifier],
    [{ DBInstanceIdentifier: 'flask-' }, identifier],
    [{ DBInstanceIdentifier: 'a'.repeat(64) }, identifier],
    [
      { EngineVersion: '8.0' },
      "InvalidParameterCombination: You can't create a DB instance with mysql 8.0.46",
    ],
    [{ EngineVersion: '8.4.1' }, 'InvalidParameterCombination: Cannot find version 8.4.1 for mysql'],
    [{ EngineVersion: '5.7' }, 'InvalidParameterCombination: Cannot find version 5.7 for mysql'],
    [{ Engine: 'postgres' }, 'InvalidParameterValue: Invalid DB engine: postgres'],
    [{ DBInstanceClass: 't3.micro' }, 'InvalidParameterValue: Invalid DB Instance class: t3.micro'],
    [
      { DBInstanceClass: 'db.t2.micro' },
      'InvalidParameterCombination: RDS does not support creating a DB instance with',
    ],
    [
      { AllocatedStorage: 10 },
      'InvalidParameterValue: Invalid storage size for engine name mysql and storage type gp3: 10',
    ],
    [
      { Iops: 3000 },
      "InvalidParameterCombination: You can't specify IOPS or storage throughput for engine mysql and a storage size less than 400.",
    ],
    [{ BackupRetentionPeriod: 36 }, 'InvalidParameterValue: Invalid backup retention period: 36.'],
    [{ Port: 80 }, 'InvalidParameterValue: Invalid database port: 80'],
    [
      { VpcSecurityGroupIds: ['sg-00000000000000000'] },
      'InvalidParameterValue: Invalid security group , groupId= sg-00000000000000000, groupName=.',
    ],
    [
      { VpcSecurityGroupIds: [foreign] },
      'InvalidParameterCombination: The DB instance and EC2 security group are in different VPCs.',
    ],
    [
      { DBSubnetGroupName: 'nowhere' },
      "DBSubnetGroupNotFoundFault: DB subnet group 'nowhere' does not exist.",
    ],
    [{ AvailabilityZone: 'eu-west-1a' }, 'InvalidVPCNetworkStateFault'],
    [{ DBParameterGroupName: 'mine' }, 'DBParameterGroupNotFound'],
    [{ MonitoringInterval: 60 }, 'InvalidParameterCombination: A MonitoringRoleARN value is required'],
    [{ MultiAZ: true }, 'InvalidParameterCombination: The practice cloud does not support MultiAZ.'],
    [
      { MaxAllocatedStorage: 100 },
      'UnsupportedOperation: The practice cloud does not support the parameter MaxAllocatedStorage',
    ],
    [{ Tags: [{ Key: 'owner', Value: 'a,b' }] }, "InvalidParameterValue: The tag key or value 'a,b'"],
    [{ Tags: [{ Key: 'aws:x', Value: '' }] }, 'InvalidParameterValue: Tag keys must not begin'],
  ]
  for (const [wish, expected] of cases) {
    expect((await refusal(cloud.rds().send(createDatabase(wish)))).slice(0, expected.length)).toBe(expected)
  }
  expect((await cloud.rds().send(new DescribeDBInstancesCommand({}))).DBInstances).toEqual([])
  expect(cloud.asked).toEqual([])
})

test('MySQL 8.0 is made only with paid support', async () => {
  await using cloud = await openCloud()
  const EngineLifecycleSupport = 'open-source-rds-extended-support'
  const { DBInstance } = await cloud
    .rds()
    .send(createDatabase({ EngineVersion: '8.0', EngineLifecycleSupport }))
  expect(DBInstance).toMatchObject({ EngineVersion: '8.0.46', EngineLifecycleSupport })
})

test('an identifier is taken once, in whatever case', async () => {
  await using cloud = await openCloud()
  await cloud.rds().send(createDatabase())
  const again = cloud.rds().send(createDatabase({ DBInstanceIdentifier: 'FlaskDB-Instance' }))
  expect(await refusal(again)).toBe('DBInstanceAlreadyExists: DB instance already exists')
  expect((await databaseOf(cloud.rds(), 'FLASKDB-INSTANCE')).DBInstanceIdentifier).toBe('flaskdb-instance')
})

test('an engine that cannot be made leaves a failed database and the reason as an event', async () => {
  await using cloud = await openCloud()
  cloud.failNext('create', 'mariadbd is not installed')
  await cloud.rds().send(createDatabase())
  await untilStatus(cloud.rds(), 'failed')
  const { Events } = await cloud
    .rds()
    .send(new DescribeEventsCommand({ SourceType: 'db-instance', SourceIdentifier: DBInstanceIdentifier }))
  expect(Events?.map(({ Message }) => Message)).toEqual([
    'The DB instance has failed: mariadbd is not installed',
  ])
  await remove(cloud, { SkipFinalSnapshot: true })
  await until('it is gone', async () =>
    (await refusal(databaseOf(cloud.rds()))).startsWith('DBInstanceNotFound'),
  )
})

test('an engine that died for good makes its database failed', async () => {
  await using cloud = await openWithDatabase()
  databaseFailed(cloud.cloud, (await databaseOf(cloud.rds())).DbiResourceId ?? '', 'killed')
  expect((await databaseOf(cloud.rds())).DBInstanceStatus).toBe('failed')
  databaseFailed(cloud.cloud, 'db-UNKNOWN', 'killed')
})

test('a database is deleted only with a word about its snapshot, and only once', async () => {
  await using cloud = await openWithDatabase()
  const refused = (wish: Parameters<typeof remove>[1]) => refusal(remove(cloud, wish))
  expect(await refused({})).toBe(
    'InvalidParameterCombination: FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
  )
  expect(await refused({ SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' })).toMatch(
    /^InvalidParameterCombination: FinalDBSnapshotIdentifier cannot be specified/,
  )
  expect(await refused({ FinalDBSnapshotIdentifier: 'last' })).toMatch(
    /^SnapshotQuotaExceeded: .*keeps no snapshots/,
  )
  const { DBInstance } = await remove(cloud, { SkipFinalSnapshot: true })
  expect(DBInstance?.DBInstanceStatus).toBe('deleting')
  expect(await refused({ SkipFinalSnapshot: true })).toBe(
    'InvalidDBInstanceState: Instance flaskdb-instance is already being deleted.',
  )
  await until('it is gone', async () =>
    (await refused({ SkipFinalSnapshot: true })).startsWith('DBInstanceNotFound'),
  )
  expect(cloud.asked.at(-1)).toBe(`destroy ${DBInstance?.DbiResourceId}`)
})

test('a protected database, or one that is being made, is not deleted', async () => {
  await using cloud = await openCloud()
  await cloud.rds().send(createDatabase({ DeletionProtection: true }))
  const refused = () => refusal(remove(cloud, { SkipFinalSnapshot: true }))
  expect(await refused()).toBe(
    'InvalidParameterCombination: Cannot delete protected DB Instance, please disable deletion protection and try again.',
  )
  await untilStatus(cloud.rds(), 'available')
  await modify(cloud, { DeletionProtection: false, ApplyImmediately: true })
  expect(await refused()).toBe('accepted')
  const goOn = cloud.hold('create')
  await cloud.rds().send(createDatabase({ DBInstanceIdentifier: 'second' }))
  const second = new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'second', SkipFinalSnapshot: true })
  expect(await refusal(cloud.rds().send(second))).toMatch(
    /^InvalidDBInstanceState: Instance second is currently creating/,
  )
  goOn()
})

test('a new master password is set while the status says so', async () => {
  await using cloud = await openWithDatabase()
  const { DBInstance } = await modify(cloud, { MasterUserPassword: 'another-one', ApplyImmediately: true })
  expect(DBInstance).toMatchObject({
    DBInstanceStatus: 'resetting-master-credentials',
    PendingModifiedValues: { MasterUserPassword: '****' },
  })
  await untilStatus(cloud.rds(), 'available')
  expect(cloud.asked.at(-1)).toBe('set password flaskdb-instance of 11')
  expect(await refusal(modify(cloud, { MasterUserPassword: 'p@ssword' }))).toMatch(/^InvalidParameterValue/)
  expect(cloud.saved()).not.toContain('another-one')
})

test('a password that could not be set leaves the database available and an event', async () => {
  await using cloud = await openWithDatabase()
  cloud.failNext('set password', 'no answer')
  await modify(cloud, { MasterUserPassword: 'another-one' })
  await untilStatus(cloud.rds(), 'available')
  const { Events = [] } = await cloud.rds().send(new DescribeEventsCommand({}))
  expect(Events.map(({ Message }) => Message)).toContain(
    'Unable to reset your password. Error information: no answer',
  )
})

test('class and storage wait for the maintenance window unless they are to change at once', async () => {
  await using cloud = await openWithDatabase()
  const { DBInstance } = await modify(cloud, { AllocatedStorage: 30 })
  expect(DBInstance).toMatchObject({
    DBInstanceStatus: 'available',
    AllocatedStorage: 20,
    PendingModifiedValues: { AllocatedStorage: 30 },
  })
  const goOn = cloud.hold('time')
  await modify(cloud, { DBInstanceClass: 'db.t3.small', ApplyImmediately: true })
  expect((await databaseOf(cloud.rds())).DBInstanceStatus).toBe('modifying')
  goOn()
  const database = await untilStatus(cloud.rds(), 'available')
  expect(database).toMatchObject({ AllocatedStorage: 30, DBInstanceClass: 'db.t3.small' })
  expect(database.PendingModifiedValues).toEqual({})
  expect(await refusal(modify(cloud, { AllocatedStorage: 20 }))).toMatch(/^InvalidParameterCombination/)
})

test('groups and public access change at once, a refused change changes nothing', async () => {
  await using cloud = await openWithDatabase()
  const group = await makeGroup(cloud.ec2(), 'data')
  const { DBInstance } = await modify(cloud, { VpcSecurityGroupIds: [group], PubliclyAccessible: true })
  expect(DBInstance).toMatchObject({
    VpcSecurityGroups: [{ VpcSecurityGroupId: group }],
    PubliclyAccessible: true,
    DBInstanceStatus: 'available',
  })
  const wish = { VpcSecurityGroupIds: ['sg-00000000000000000'], DeletionProtection: true }
  expect(await refusal(modify(cloud, wish))).toMatch(/^InvalidParameterValue: Invalid security group/)
  expect((await databaseOf(cloud.rds())).DeletionProtection).toBe(false)
})

test('a database stops, refuses changes, starts and reboots', async () => {
  await using cloud = await openWithDatabase()
  const rds = cloud.rds()
  const resource = (await databaseOf(rds)).DbiResourceId
  expect(await refusal(rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier })))).toBe(
    'InvalidDBInstanceState: Instance flaskdb-instance is not in stopped state.',
  )
  const { DBInstance } = await rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier }))
  expect(DBInstance?.DBInstanceStatus).toBe('stopping')
  await untilStatus(rds, 'stopped')
  const sevenDays = 7 * 24 * 3_600_000
  const restart = (await databaseOf(rds)).AutomaticRestartTime?.getTime() ?? 0
  expect(Math.abs(restart - Date.now() - sevenDays)).toBeLessThan(60_000)
  expect(await refusal(modify(cloud, { DeletionProtection: true }))).toMatch(
    /^InvalidDBInstanceState: You can't modify a stopped DB instance/,
  )
  await rds.send(new StartDBInstanceCommand({ DBInstanceIdentifier }))
  await untilStatus(rds, 'available')
  expect(await databaseOf(rds)).not.toHaveProperty('AutomaticRestartTime')
  const rebooting = await rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier }))
  expect(rebooting.DBInstance?.DBInstanceStatus).toBe('rebooting')
  await untilStatus(rds, 'available')
  expect(cloud.asked.slice(1)).toEqual([
    `stop ${resource}`,
    'start flaskdb-instance',
    `stop ${resource}`,
    'start flaskdb-instance',
  ])
})

test('a subnet group covers two zones at least and is kept while a database uses it', async () => {
  await using cloud = await openCloud()
  const drop = () =>
    refusal(cloud.rds().send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: 'Flasklab' })))
  expect(await refusal(makeSubnetGroup(cloud, 'flasklab', 'a'))).toBe(
    "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-east-1a. Add subnets to cover at least 2 AZs.",
  )
  expect(await refusal(makeSubnetGroup(cloud, 'default', 'a', 'b'))).toMatch(/^InvalidParameterValue/)
  await makeSubnetGroup(cloud, 'FlaskLab', 'a', 'b')
  expect(await refusal(makeSubnetGroup(cloud, 'flasklab', 'a', 'b'))).toBe(
    "DBSubnetGroupAlreadyExists: The DB subnet group 'flasklab' already exists.",
  )
  await cloud.rds().send(createDatabase({ DBSubnetGroupName: 'flasklab' }))
  expect(await drop()).toBe(
    "InvalidDBSubnetGroupStateFault: Cannot delete the subnet group 'flasklab' because at least one database instance: flaskdb-instance is still using it.",
  )
  await untilStatus(cloud.rds(), 'available')
  await remove(cloud, { SkipFinalSnapshot: true })
  await until('the group can go', async () => (await drop()) === 'accepted')
  const gone = new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: 'flasklab' })
  expect(await refusal(cloud.rds().send(gone))).toMatch(/^DBSubnetGroupNotFoundFault/)
})

test('databases come in pages and by filter', async () => {
  await using cloud = await openCloud()
  const rds = cloud.rds()
  for (let number = 0; number < 21; number += 1) {
    await rds.send(createDatabase({ DBInstanceIdentifier: `db-${number}` }))
  }
  const first = await rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20 }))
  const rest = await rds.send(new DescribeDBInstancesCommand({ MaxRecords: 20, Marker: first.Marker }))
  expect([first.DBInstances?.length, rest.DBInstances?.length, rest.Marker]).toEqual([20, 1, undefined])
  const find = (Name: string, ...Values: string[]) =>
    rds.send(new DescribeDBInstancesCommand({ Filters: [{ Name, Values }] }))
  expect((await find('db-instance-id', 'db-3', 'db-4')).DBInstances).toHaveLength(2)
  expect((await find('engine', 'postgres')).DBInstances).toEqual([])
  expect(await refusal(find('tag:lab', 'one'))).toBe(
    'InvalidParameterValue: Unrecognized filter name: tag:lab',
  )
})

test('the version to ask for is the default of the major one, and the class is orderable in it', async () => {
  await using cloud = await openCloud()
  const rds = cloud.rds()
  const defaults = async (EngineVersion?: string) => {
    const request = new DescribeDBEngineVersionsCommand({ Engine: 'mysql', DefaultOnly: true, EngineVersion })
    return (await rds.send(request)).DBEngineVersions?.map((version) => version.EngineVersion)
  }
  expect([await defaults('8.4'), await defaults('8.0'), await defaults()]).toEqual([
    ['8.4.9'],
    ['8.0.46'],
    ['8.4.9'],
  ])
  const orderable = async (EngineVersion: string) => {
    const DBInstanceClass = 'db.t3.micro'
    const request = { Engine: 'mysql', EngineVersion, DBInstanceClass, Vpc: true }
    const { OrderableDBInstanceOptions = [] } = await rds.send(
      new DescribeOrderableDBInstanceOptionsCommand(request),
    )
    return OrderableDBInstanceOptions.map(({ StorageType }) => StorageType)
  }
  expect([await orderable('8.4.9'), await orderable('8.4')]).toEqual([['gp2', 'gp3'], []])
})

test('tags of a database and of a subnet group are kept by their ARN', async () => {
  await using cloud = await openWithDatabase()
  const rds = cloud.rds()
  await makeSubnetGroup(cloud, 'flasklab', 'a', 'b')
  const arns = [
    'arn:aws:rds:us-east-1:123456789012:db:flaskdb-instance',
    'arn:aws:rds:us-east-1:123456789012:subgrp:flasklab',
  ]
  for (const ResourceName of arns) {
    const tags = async () => (await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList
    const Tags = [
      { Key: 'lab', Value: 'one' },
      { Key: 'Name', Value: 'x' },
    ]
    await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }))
    expect(await tags()).toEqual(Tags)
    await rds.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['Name'] }))
    expect(await tags()).toEqual([{ Key: 'lab', Value: 'one' }])
  }
  const list = (ResourceName: string) => refusal(rds.send(new ListTagsForResourceCommand({ ResourceName })))
  expect(await list('arn:aws:rds:us-east-1:123456789012:db:gone')).toMatch(/^DBInstanceNotFound/)
  expect(await list('flaskdb-instance')).toMatch(/^InvalidParameterValue/)
})

test('there are no snapshots to describe or delete', async () => {
  await using cloud = await openCloud()
  const rds = cloud.rds()
  expect((await rds.send(new DescribeDBSnapshotsCommand({ DBInstanceIdentifier }))).DBSnapshots).toEqual([])
  expect(await refusal(rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'last' })))).toBe(
    'DBSnapshotNotFound: DBSnapshot last not found.',
  )
  expect(
    await refusal(rds.send(new DeleteDBInstanceAutomatedBackupCommand({ DbiResourceId: 'db-X' }))),
  ).toMatch(/^DBInstanceAutomatedBackupNotFound/)
})

test('a database moves into the VPC of another subnet group, with groups from there', async () => {
  await using cloud = await openWithDatabase()
  const ec2 = cloud.ec2()
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  const zones = ['us-east-1a', 'us-east-1b']
  const made = await Promise.all(
    zones.map((AvailabilityZone, index) => {
      const CidrBlock = `10.0.${index}.0/24`
      return ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone }))
    }),
  )
  const SubnetIds = made.map(({ Subnet }) => Subnet?.SubnetId ?? '')
  const group = { DBSubnetGroupName: 'elsewhere', DBSubnetGroupDescription: 'a test', SubnetIds }
  await cloud.rds().send(new CreateDBSubnetGroupCommand(group))
  const move = { DBSubnetGroupName: 'elsewhere', PubliclyAccessible: false, ApplyImmediately: true }
  expect((await modify(cloud, move)).DBInstance?.DBInstanceStatus).toBe('moving-to-vpc')
  await untilStatus(cloud.rds(), 'available')
  const { DBSubnetGroup, VpcSecurityGroups } = await databaseOf(cloud.rds())
  const isIn = (groups: { readonly VpcId?: string | undefined } | undefined) => groups?.VpcId === Vpc?.VpcId
  expect(DBSubnetGroup).toMatchObject({ DBSubnetGroupName: 'elsewhere', VpcId: Vpc?.VpcId })
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      GroupIds: VpcSecurityGroups?.map(({ VpcSecurityGroupId = '' }) => VpcSecurityGroupId),
    }),
  )
  expect(SecurityGroups?.every(isIn)).toBe(true)
  expect(await refusal(modify(cloud, move))).toMatch(
    /^InvalidVPCNetworkStateFault: You cannot move DB instance flaskdb-instance to subnet group elsewhere\./,
  )
})

test('a database is upgraded to the next major version only when that is said', async () => {
  await using cloud = await openWithDatabase({ EngineVersion: '8.0', EngineLifecycleSupport: undefined })
  const upgrade = (wish: Partial<ModifyDBInstanceCommandInput>) =>
    modify(cloud, { EngineVersion: '8.4', ApplyImmediately: true, ...wish })
  expect(await refusal(upgrade({}))).toMatch(/^InvalidParameterCombination: .*AllowMajorVersionUpgrade/)
  expect((await upgrade({ AllowMajorVersionUpgrade: true })).DBInstance?.DBInstanceStatus).toBe('upgrading')
  await untilStatus(cloud.rds(), 'available')
  expect((await databaseOf(cloud.rds())).EngineVersion).toMatch(/^8\.4\./)
  expect(await refusal(upgrade({ EngineVersion: '8.0', AllowMajorVersionUpgrade: true }))).toMatch(
    /^InvalidParameterCombination: Cannot upgrade mysql from 8\.4/,
  )
})
