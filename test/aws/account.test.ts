import { expect, test } from 'vitest'
import { checkRegion, whoAmI } from '../../src/aws/account.ts'
import { createCloud } from '../../src/aws/cloud.ts'
import { LabError } from '../../src/lab/finding.ts'
import { namesFor } from '../../src/lab/names.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { fields, openAws, refusal, type Script, set, tagList, tagSet } from './scripted-aws.ts'

const region = (regionName: string, optInStatus = 'opt-in-not-required') =>
  fields({ regionName, optInStatus })
const regions = set(
  'regionInfo',
  ...['us-east-1', 'us-east-2', 'us-west-2', 'eu-central-1', 'eu-west-1'].map((name) => region(name)),
  region('af-south-1', 'not-opted-in'),
  region('eu-south-1', 'opted-in'),
)

async function check(name: string, script: Script = { DescribeRegions: regions }): Promise<unknown> {
  await using aws = await openAws(script, name)
  const error = await checkRegion(aws.clients, name).then(
    () => 'fine',
    (thrown: unknown) => thrown,
  )
  return error instanceof LabError ? error.finding : error
}

test.each(['us-east-1', 'eu-central-1', 'eu-south-1'])('%s is fine', async (name) => {
  expect(await check(name)).toBe('fine')
})

test('all regions are asked for, those that are off included', async () => {
  await using aws = await openAws({ DescribeRegions: regions })
  await checkRegion(aws.clients, 'us-east-1')
  expect(aws.asked('DescribeRegions')).toEqual([{ AllRegions: 'true' }])
})

test('a misspelt region is told apart from one that is off, and the likeliest is named first', async () => {
  expect(await check('us-est-1')).toEqual({
    what: 'There is no AWS region "us-est-1".',
    why: expect.stringMatching(/^Did you mean us-east-1/),
    remedy: { say: 'Name the region as AWS writes it.', run: ['flasklab up --region us-east-1'] },
  })
  expect(await check('mars')).toMatchObject({ why: expect.stringMatching(/^AWS has us-east-1, /) })
  expect(await check('af-south-1')).toMatchObject({
    what: 'The region af-south-1 is not enabled for this account.',
  })
})

test('where nobody may ask for the regions, the region itself must tell', async () => {
  expect(await check('us-east-1', { DescribeRegions: refusal('UnauthorizedOperation') })).toBe('fine')
})

test('credentials that are bad are not taken for a bad region', async () => {
  expect(await check('us-east-1', { DescribeRegions: refusal('AuthFailure') })).toMatchObject({
    what: 'AWS does not accept these credentials.',
  })
})

test('who I am is the account, the name and the id that policies know', async () => {
  const identity = { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/renee', UserId: 'AIDA1' }
  await using aws = await openAws({ GetCallerIdentity: fields(identity) })
  expect(await whoAmI(aws.clients)).toEqual({
    account: '123456789012',
    arn: 'arn:aws:iam::123456789012:user/renee',
    userId: 'AIDA1',
  })
})

test('who I am and which regions there are is asked of us-east-1, whatever the lab’s region', async () => {
  await using aws = await openAws({}, 'af-south-1')
  const { ec2, rds, home } = aws.clients
  expect(await Promise.all([ec2, rds, home.ec2, home.sts].map((client) => client.config.region()))).toEqual([
    'af-south-1',
    'af-south-1',
    'us-east-1',
    'us-east-1',
  ])
})

test('credentials with a session token are temporary', async () => {
  await using aws = await openAws({})
  const cloud = (sessionToken?: string) =>
    createCloud(
      {
        ...aws.config,
        credentials: { accessKeyId: 'A', secretAccessKey: 'S', ...(sessionToken && { sessionToken }) },
      },
      () => record,
    )
  expect([await cloud().areTemporary(), await cloud('T').areTemporary()]).toEqual([false, true])
})

const record = newRecord('lab', 'aws', 'us-east-1', undefined)

function server(labId: string | undefined): string {
  return set(
    'reservationSet',
    set(
      'instancesSet',
      fields({ instanceId: 'i-1' }) +
        tagSet({ Name: 'FlaskLoginServer', ...(labId ? { 'flasklab:lab': labId } : {}) }),
    ),
  )
}

function database(id: string, labId: string): string {
  return `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: id })}${tagList({ 'flasklab:lab': labId })}</DBInstance></DBInstances>`
}

const none = { servers: set('reservationSet'), databases: '<DBInstances></DBInstances>' }

test.each([
  ['nothing is there', none.servers, none.databases, false],
  [
    'our own server and database are there',
    server(record.id),
    database('flaskdb-instance', record.id),
    false,
  ],
  ['another lab’s server is there', server('other'), none.databases, true],
  ['a server made by hand is there', server(undefined), none.databases, true],
  ['another lab’s database is there', none.servers, database('flaskdb-instance', 'other'), true],
  ['another lab’s database has another name', none.servers, database('flaskdb-instance-2', 'other'), false],
])('when %s, the handout’s names being taken is %s', async (_, servers, databases, expected) => {
  await using aws = await openAws({ DescribeInstances: servers, DescribeDBInstances: databases })
  const [handouts] = namesFor(record)
  expect(await createCloud(aws.config, () => record).areTaken(handouts)).toBe(expected)
  expect(aws.asked('DescribeInstances')[0]).toMatchObject({ 'Filter.1.Value.1': 'FlaskLoginServer' })
})
