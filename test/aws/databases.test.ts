import { expect, test } from 'vitest'
import {
  createDatabase,
  databaseEvents,
  findByHand,
  findDatabase,
  setDatabaseGroups,
  setMasterPassword,
  setPublicAccess,
} from '../../src/aws/databases.ts'
import { allDatabases } from '../../src/aws/lists.ts'
import { LabError } from '../../src/lab/finding.ts'
import { Secret } from '../../src/lab/secret.ts'
import { fields, openAws, refusal, type Script, tagList } from './scripted-aws.ts'

const lab = { id: '0a1b', name: 'lab', owner: 'AIDA1' }
const names = { database: 'flaskdb-instance', subnetGroup: 'flasklab-lab-0a1b' }
const spec = {
  subnetIds: ['subnet-1', 'subnet-2'],
  groupIds: ['sg-db'],
  masterPassword: new Secret('S3cret'),
}

interface DatabaseXml {
  readonly id?: string
  readonly status?: string
  readonly owner?: string
  readonly host?: string
}

function database({
  id = 'flaskdb-instance',
  status = 'available',
  owner = '0a1b',
  host,
}: DatabaseXml = {}): string {
  const endpoint = host === undefined ? '' : `<Endpoint>${fields({ Address: host, Port: 3306 })}</Endpoint>`
  const group = fields({ VpcSecurityGroupId: 'sg-db', Status: 'active' })
  return `<DBInstance>${fields({ DBInstanceIdentifier: id, DBInstanceStatus: status })}${endpoint}<VpcSecurityGroups><VpcSecurityGroupMembership>${group}</VpcSecurityGroupMembership></VpcSecurityGroups><DBSubnetGroup>${fields({ VpcId: 'vpc-1' })}<Subnets><Subnet>${fields({ SubnetIdentifier: 'subnet-1' })}</Subnet></Subnets></DBSubnetGroup>${fields({ AvailabilityZone: 'us-east-1a', PubliclyAccessible: 'true', EngineVersion: '8.0.40', EngineLifecycleSupport: 'open-source-rds-extended-support' })}<CertificateDetails>${fields({ CAIdentifier: 'my-ca', ValidTill: '2027-01-02T03:04:05Z' })}</CertificateDetails>${tagList({ 'flasklab:lab': owner })}</DBInstance>`
}

function databases(...list: readonly string[]): string {
  return `<DBInstances>${list.join('')}</DBInstances>`
}

async function create(script: Script) {
  await using aws = await openAws({ CreateDBSubnetGroup: '', ...script })
  const error = await createDatabase(aws.clients, lab, names, spec).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, asked: aws.asked('CreateDBInstance'), subnetGroups: aws.asked('CreateDBSubnetGroup') }
}

test('a database is asked for as the lab is to have it, after its subnet group', async () => {
  const { error, asked, subnetGroups } = await create({ CreateDBInstance: '' })
  expect(error).toBeUndefined()
  const tags = (name: string) => ({
    'Tags.Tag.1.Key': 'Name',
    'Tags.Tag.1.Value': name,
    'Tags.Tag.2.Key': 'flasklab:lab',
    'Tags.Tag.2.Value': '0a1b',
    'Tags.Tag.3.Key': 'flasklab:lab-name',
    'Tags.Tag.3.Value': 'lab',
    'Tags.Tag.4.Key': 'flasklab:owner',
    'Tags.Tag.4.Value': 'AIDA1',
  })
  expect(subnetGroups).toEqual([
    {
      DBSubnetGroupName: 'flasklab-lab-0a1b',
      DBSubnetGroupDescription: 'Subnets of the lab lab',
      'SubnetIds.SubnetIdentifier.1': 'subnet-1',
      'SubnetIds.SubnetIdentifier.2': 'subnet-2',
      ...tags('flasklab-lab-0a1b'),
    },
  ])
  // Whole, since what is not sent matters as much: no zone, no monitoring, no secret in another service.
  expect(asked).toEqual([
    {
      DBInstanceIdentifier: 'flaskdb-instance',
      Engine: 'mysql',
      EngineVersion: '8.4',
      EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
      DBInstanceClass: 'db.t3.micro',
      AllocatedStorage: '20',
      StorageType: 'gp3',
      StorageEncrypted: 'true',
      MasterUsername: 'admin',
      MasterUserPassword: 'S3cret',
      DBSubnetGroupName: 'flasklab-lab-0a1b',
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-db',
      PubliclyAccessible: 'false',
      MultiAZ: 'false',
      BackupRetentionPeriod: '0',
      MonitoringInterval: '0',
      DeletionProtection: 'false',
      CopyTagsToSnapshot: 'true',
      NetworkType: 'IPV4',
      ...tags('flaskdb-instance'),
    },
  ])
})

test('a subnet group that is there already serves', async () => {
  const { error, asked } = await create({
    CreateDBSubnetGroup: refusal('DBSubnetGroupAlreadyExists', 'The DB subnet group already exists.'),
    CreateDBInstance: '',
  })
  expect({ error, times: asked.length }).toEqual({ error: undefined, times: 1 })
})

test.each([
  ['StorageTypeNotSupported', 'Invalid storage type: gp3'],
  ['InvalidParameterCombination', 'Cannot create a DB instance with storage type gp3.'],
  [
    'AccessDenied',
    'User: arn:aws:sts::123456789012:assumed-role/voclabs/user1=renee is not authorized to perform: rds:CreateDBInstance on resource: arn:aws:rds:us-east-1:123456789012:db:flaskdb-instance with an explicit deny in an identity-based policy',
  ],
])('where gp3 is not to be had (%s), gp2 is taken', async (code, message) => {
  const { error, asked } = await create({ CreateDBInstance: [refusal(code, message), ''] })
  expect(error).toBeUndefined()
  expect(asked[1]).toEqual({ ...asked[0], StorageType: 'gp2' })
})

test.each([
  [
    'InsufficientDBInstanceCapacity',
    'Cannot create a database instance because no Availability Zone has enough capacity.',
  ],
  [
    'InvalidParameterCombination',
    'RDS does not support creating a DB instance with the following combination: DBInstanceClass=db.t3.micro, Engine=mysql, EngineVersion=8.4.6. For supported combinations of instance class and database engine version, see the documentation.',
  ],
])('where db.t3.micro is not to be had (%s), db.t4g.micro is taken', async (code, message) => {
  const { error, asked } = await create({ CreateDBInstance: [refusal(code, message), ''] })
  expect(error).toBeUndefined()
  expect(asked[1]).toEqual({ ...asked[0], DBInstanceClass: 'db.t4g.micro' })
})

test('both may be needed; a third refusal ends it', async () => {
  const storage = refusal('StorageTypeNotSupported', 'x')
  const capacity = refusal('InsufficientDBInstanceCapacity', 'y')
  const { error, asked } = await create({ CreateDBInstance: [storage, capacity, capacity] })
  expect(asked.map((one) => `${one['StorageType']} ${one['DBInstanceClass']}`)).toEqual([
    'gp3 db.t3.micro',
    'gp2 db.t3.micro',
    'gp2 db.t4g.micro',
  ])
  expect(error).toMatchObject({ cause: { Code: 'InsufficientDBInstanceCapacity' } })
})

test('any other refusal ends it at once', async () => {
  const { error, asked } = await create({
    CreateDBInstance: refusal('InvalidParameterCombination', 'Cannot find version 8.4 for mysql'),
  })
  expect(error).toMatchObject({ cause: { Code: 'InvalidParameterCombination' } })
  expect(asked).toHaveLength(1)
})

test.concurrent.each([
  [
    'InvalidParameterValue',
    'Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and try again later.',
  ],
  ['InvalidParameterValue', 'Invalid security group , groupId= sg-db, groupName= .'],
])('a request that only needs time (%s: %s) is made again', async (code, message) => {
  const { error, asked } = await create({ CreateDBInstance: [refusal(code, message), ''] })
  expect(error).toBeUndefined()
  expect(asked).toHaveLength(2)
  expect(asked[1]).toEqual(asked[0])
})

const exists = refusal('DBInstanceAlreadyExists', 'DB instance already exists')

test.each([
  ['of this lab', database()],
  ['of this lab, on its way out', database({ status: 'deleting' })],
  ['gone meanwhile', ''],
])('where the name is taken by a database %s, all is well', async (_, there) => {
  const { error } = await create({ CreateDBInstance: exists, DescribeDBInstances: databases(there) })
  expect(error).toBeUndefined()
})

test('where the name is taken by somebody else’s, it is a finding, and nothing of theirs is touched', async () => {
  const { error } = await create({
    CreateDBInstance: exists,
    DescribeDBInstances: databases(database({ owner: 'other' })),
  })
  expect(error).toBeInstanceOf(LabError)
  expect((error as LabError).finding).toEqual({
    what: 'The account has a database "flaskdb-instance" already, and it is not of this lab.',
    why: 'A database’s name is unique in an account and region.',
    remedy: { say: 'Build the lab under another name.', run: ['flasklab up --lab another-name'] },
  })
})

test('the lab’s database is found by its tag among all pages', async () => {
  await using aws = await openAws({
    DescribeDBInstances: (request) =>
      request['Marker'] === 'next'
        ? databases(database({ id: 'ours', host: 'ours.abc.us-east-1.rds.amazonaws.com' }))
        : `<Marker>next</Marker>${databases(database({ id: 'theirs', owner: 'other' }))}`,
  })
  expect(await findDatabase(aws.clients, lab)).toEqual({
    id: 'ours',
    status: 'available',
    endpoint: { host: 'ours.abc.us-east-1.rds.amazonaws.com', port: 3306 },
    vpcId: 'vpc-1',
    groupIds: ['sg-db'],
    subnetIds: ['subnet-1'],
    zone: 'us-east-1a',
    isPublic: true,
    engineVersion: '8.0.40',
    extendedSupport: true,
    authority: 'my-ca',
    certificateEnds: Date.UTC(2027, 0, 2, 3, 4, 5),
  })
  expect((await allDatabases(aws.clients)).map((each) => each.DBInstanceIdentifier)).toEqual([
    'theirs',
    'ours',
  ])
})

test('a database that is being deleted is none', async () => {
  await using aws = await openAws({ DescribeDBInstances: databases(database({ status: 'deleting' })) })
  expect(await findDatabase(aws.clients, lab)).toBeUndefined()
})

test.each([
  ['is not there yet', undefined],
  ['could be a command', 'x.rds.amazonaws.com;id'],
  ['could be a flag with a space', 'x -e'],
])('an endpoint that %s is none', async (_, host) => {
  await using aws = await openAws({
    DescribeDBInstances: databases(database(host === undefined ? {} : { host })),
  })
  expect((await findDatabase(aws.clients, lab))?.endpoint).toBeUndefined()
})

test('a new master password and public access are set at once', async () => {
  await using aws = await openAws({ ModifyDBInstance: '' })
  await setMasterPassword(aws.clients, 'db', new Secret('new-password'))
  await setPublicAccess(aws.clients, 'db', false)
  expect(aws.asked('ModifyDBInstance')).toEqual([
    { DBInstanceIdentifier: 'db', ApplyImmediately: 'true', MasterUserPassword: 'new-password' },
    { DBInstanceIdentifier: 'db', ApplyImmediately: 'true', PubliclyAccessible: 'false' },
  ])
})

test('a database that was made by hand is found by the handout’s name, or by its own', async () => {
  await using aws = await openAws({
    DescribeDBInstances: databases(
      database({ owner: 'nobody' }),
      database({ id: 'mine', owner: 'nobody', status: 'stopped' }),
    ),
  })
  expect(await findByHand(aws.clients, undefined, 'us-east-1')).toMatchObject({
    id: 'flaskdb-instance',
    status: 'available',
  })
  expect(await findByHand(aws.clients, 'mine', 'us-east-1')).toMatchObject({ id: 'mine', status: 'stopped' })
  await expect(findByHand(aws.clients, 'other', 'us-east-1')).rejects.toMatchObject({
    finding: { what: 'There is no database "other" in us-east-1.' },
  })
})

test('the groups of a database are replaced at once, not in its maintenance window', async () => {
  await using aws = await openAws({ ModifyDBInstance: '' })
  await setDatabaseGroups(aws.clients, 'flaskdb-instance', ['sg-1', 'sg-2'])
  expect(aws.asked('ModifyDBInstance')).toEqual([
    {
      DBInstanceIdentifier: 'flaskdb-instance',
      ApplyImmediately: 'true',
      'VpcSecurityGroupIds.VpcSecurityGroupId.1': 'sg-1',
      'VpcSecurityGroupIds.VpcSecurityGroupId.2': 'sg-2',
    },
  ])
})

test('the events that AWS noted are told in their order', async () => {
  const event = (Message: string) => `<Event>${fields({ Message })}</Event>`
  await using aws = await openAws({ DescribeEvents: `<Events>${event('first')}${event('second')}</Events>` })
  expect(await databaseEvents(aws.clients, 'flaskdb-instance')).toEqual(['first', 'second'])
})
