import {
  AuthorizeSecurityGroupIngress$,
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  ImportKeyPair$,
  ImportKeyPairCommand,
  RunInstances$,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstance$,
  CreateDBSubnetGroup$,
  CreateDBSubnetGroupCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeEvents$,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-rds'
import { expect, test } from 'vitest'
import { AwsError } from '../../src/practice/wire/aws-error.ts'
import { ec2Protocol } from '../../src/practice/wire/ec2-protocol.ts'
import { decodeQuery } from '../../src/practice/wire/query.ts'
import { queryProtocol } from '../../src/practice/wire/query-protocol.ts'
import { sendRaw } from './signed-request.ts'
import { openCloud, refusal } from './support.ts'

const ec2 = (schema: typeof RunInstances$, text: string) =>
  decodeQuery(schema[4], new URLSearchParams(text), ec2Protocol.dialect)
const rds = (schema: typeof RunInstances$, text: string) =>
  decodeQuery(schema[4], new URLSearchParams(text), queryProtocol.dialect)

test('nested lists of an EC2 request are read in the order of their numbers', () => {
  const text =
    'GroupId=sg-1&IpPermissions.2.IpProtocol=udp&IpPermissions.10.IpProtocol=icmp&IpPermissions.1.IpProtocol=tcp' +
    '&IpPermissions.1.FromPort=22&IpPermissions.1.IpRanges.1.CidrIp=1.2.3.4/32&IpPermissions.1.Groups.1.GroupId=sg-2'
  expect(ec2(AuthorizeSecurityGroupIngress$, text)).toEqual({
    GroupId: 'sg-1',
    IpPermissions: [
      {
        IpProtocol: 'tcp',
        FromPort: 22,
        IpRanges: [{ CidrIp: '1.2.3.4/32' }],
        UserIdGroupPairs: [{ GroupId: 'sg-2' }],
      },
      { IpProtocol: 'udp' },
      { IpProtocol: 'icmp' },
    ],
  })
})

test('lists of an RDS request are read with the name of their members and as plain members', () => {
  const head = 'DBSubnetGroupName=g&DBSubnetGroupDescription=d'
  const named = `${head}&SubnetIds.SubnetIdentifier.1=a&SubnetIds.SubnetIdentifier.2=b`
  const plain = `${head}&SubnetIds.member.1=a&SubnetIds.member.2=b`
  const expected = { DBSubnetGroupName: 'g', DBSubnetGroupDescription: 'd', SubnetIds: ['a', 'b'] }
  expect(rds(CreateDBSubnetGroup$, named)).toEqual(expected)
  expect(rds(CreateDBSubnetGroup$, plain)).toEqual(expected)
  expect(rds(CreateDBSubnetGroup$, `${head}&SubnetIds=`)).toEqual({ ...expected, SubnetIds: [] })
})

test('bytes and times are read', () => {
  const bytes = ec2(ImportKeyPair$, 'KeyName=k&PublicKeyMaterial=c3NoLXJzYSDDqQ%3D%3D')['PublicKeyMaterial']
  expect(Buffer.from(bytes as Uint8Array).toString()).toBe('ssh-rsa é')
  expect(rds(DescribeEvents$, 'StartTime=2026-11-22T14:30:13Z')).toEqual({
    StartTime: new Date('2026-11-22T14:30:13.000Z'),
  })
})

test('values of the wrong kind are refused with the name of their parameter', () => {
  const refuse = (read: () => unknown) => {
    try {
      return read()
    } catch (error) {
      return error instanceof AwsError ? `${error.code}: ${error.message}` : error
    }
  }
  expect(refuse(() => ec2(RunInstances$, 'MinCount=one&MaxCount=1'))).toBe(
    'InvalidParameterValue: Value (one) for parameter MinCount is invalid. Expected a number.',
  )
  expect(refuse(() => ec2(RunInstances$, 'MinCount=1&MaxCount=1&EbsOptimized=yes'))).toMatch(/EbsOptimized/)
  expect(refuse(() => ec2(ImportKeyPair$, 'KeyName=k&PublicKeyMaterial=***'))).toMatch(/base64/)
  expect(refuse(() => rds(DescribeEvents$, 'StartTime=yesterday'))).toMatch(/StartTime: expected a timestamp/)
  expect(refuse(() => ec2(RunInstances$, 'MinCount=1&MaxCount=1&SecurityGroupId.x=1'))).toMatch(
    /a list index/,
  )
  expect(refuse(() => ec2(RunInstances$, 'MinCount=1'))).toBe(
    'MissingParameter: The request must contain the parameter MaxCount',
  )
  expect(refuse(() => ec2(RunInstances$, 'MinCount=1&MaxCount=1&Colour=red'))).toBe(
    'UnknownParameter: The parameter Colour is not recognized',
  )
  expect(refuse(() => ec2(RunInstances$, 'MinCount=1&MaxCount=1&ImageId.1=red'))).toBe(
    'UnknownParameter: The parameter ImageId.1 is not recognized',
  )
  expect(refuse(() => ec2(RunInstances$, 'MinCount=1&MaxCount=1&__proto__.x=1'))).toMatch(/^UnknownParameter/)
  expect(refuse(() => rds(CreateDBInstance$, 'Engine=mysql'))).toMatch(
    /^ValidationError: .*'DBInstanceIdentifier'/,
  )
})

test('text of every kind survives both ways through both protocols', async () => {
  await using cloud = await openCloud()
  const awkward = { Key: 'a<b>&"c\'d', Value: ' é→😀\r\n\tend]]>' }
  const client = cloud.ec2()
  const { Vpcs: [vpc] = [] } = await client.send(new DescribeVpcsCommand({}))
  await client.send(new CreateTagsCommand({ Resources: [vpc?.VpcId ?? ''], Tags: [awkward] }))
  const { Vpcs: [tagged] = [] } = await client.send(new DescribeVpcsCommand({}))
  expect(tagged?.Tags).toEqual([awkward])

  const subnets = cloud.cloud
    .region('us-east-1')
    .subnets.slice(0, 2)
    .map(({ id }) => id)
  const name = { DBSubnetGroupName: 'g', DBSubnetGroupDescription: 'for <you> & "me"' }
  const { DBSubnetGroup: group } = await cloud
    .rds()
    .send(new CreateDBSubnetGroupCommand({ ...name, SubnetIds: subnets, Tags: [{ Key: 'Ä', Value: 'a b' }] }))
  expect(group).toMatchObject(name)
  const { TagList } = await cloud
    .rds()
    .send(new ListTagsForResourceCommand({ ResourceName: group?.DBSubnetGroupArn }))
  expect(TagList).toEqual([{ Key: 'Ä', Value: 'a b' }])
})

test('characters that XML cannot hold do not break the answer', async () => {
  await using cloud = await openCloud()
  const [vpc] = cloud.cloud.region('us-east-1').vpcs
  await cloud
    .ec2()
    .send(new CreateTagsCommand({ Resources: [vpc?.id ?? ''], Tags: [{ Key: 'bell', Value: 'a\u0007b' }] }))
  const { Vpcs } = await cloud.ec2().send(new DescribeVpcsCommand({}))
  expect(Vpcs?.[0]?.Tags).toEqual([{ Key: 'bell', Value: 'a\uFFFDb' }])
})

test('empty lists are answered as empty lists and times as times', async () => {
  await using cloud = await openCloud()
  expect((await cloud.ec2().send(new DescribeInstancesCommand({}))).Reservations).toEqual([])
  expect((await cloud.rds().send(new DescribeDBSubnetGroupsCommand({}))).DBSubnetGroups).toEqual([])
  const PublicKeyMaterial = Buffer.from(
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGsXmuHkCO6M0d2YEMxA0dTD0z7rHk1bFSPkN4cLLtHt me@laptop',
  )
  const before = Date.now()
  await cloud.ec2().send(new ImportKeyPairCommand({ KeyName: 'k', PublicKeyMaterial }))
  const { KeyPairs: [pair] = [] } = await cloud.ec2().send(new DescribeKeyPairsCommand({}))
  expect(pair?.CreateTime?.getTime()).toBeGreaterThanOrEqual(before)
  expect(pair?.CreateTime).toBeInstanceOf(Date)
  const { body } = await sendRaw(cloud, { body: 'Action=DescribeKeyPairs&Version=2016-11-15' })
  expect(body).toMatch(/<createTime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z<\/createTime>/)
})

test('an EC2 answer and an EC2 error have the documented form', async () => {
  await using cloud = await openCloud()
  const answer = await sendRaw(cloud, { body: 'Action=DescribeKeyPairs&Version=2016-11-15' })
  expect(answer.body.replace(/[0-9a-f-]{36}/, 'ID')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<DescribeKeyPairsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>ID</requestId><keySet/></DescribeKeyPairsResponse>',
  )
  const error = await sendRaw(cloud, { body: 'Action=StartTheFire&Version=2016-11-15' })
  expect(error.status).toBe(400)
  expect(error.body.replace(/[0-9a-f-]{36}/, 'ID')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>InvalidAction</Code><Message>The action StartTheFire is not valid for this web service.</Message></Error></Errors><RequestID>ID</RequestID></Response>',
  )
})

test('an STS answer and an RDS error have the documented form', async () => {
  await using cloud = await openCloud()
  const answer = await sendRaw(cloud, { body: 'Action=GetCallerIdentity&Version=2011-06-15', service: 'sts' })
  expect(answer.body.replace(/[0-9a-f-]{36}/, 'ID')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><UserId>AIDAPRACTICE0000000000</UserId><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/practice</Arn></GetCallerIdentityResult><ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata></GetCallerIdentityResponse>',
  )
  const error = await sendRaw(cloud, {
    body: 'Action=DescribeDBInstances&Version=2014-10-31&DBInstanceIdentifier=gone',
    service: 'rds',
  })
  expect(error.status).toBe(404)
  expect(error.body.replace(/[0-9a-f-]{36}/, 'ID')).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>DBInstance gone not found.</Message></Error><RequestId>ID</RequestId></ErrorResponse>',
  )
})

test('an action that is missing, unknown or of another version is refused', async () => {
  await using cloud = await openCloud()
  const code = async (body: string, service = 'ec2') => (await sendRaw(cloud, { body, service })).code
  expect(await code('Version=2016-11-15')).toBe('MissingAction')
  expect(await code('Action=DescribeVpcs')).toBe('InvalidAction')
  expect(await code('Action=DescribeVpcs&Version=2014-10-31', 'rds')).toBe('InvalidAction')
  expect(await code('Action=toString&Version=2011-06-15', 'sts')).toBe('InvalidAction')
})

test('a dry run of any EC2 operation says that it would have succeeded, and does nothing', async () => {
  await using cloud = await openCloud()
  const { status, code } = await sendRaw(cloud, {
    body: 'Action=CreateSecurityGroup&Version=2016-11-15&GroupName=g&GroupDescription=d&DryRun=true',
  })
  expect({ status, code }).toEqual({ status: 412, code: 'DryRunOperation' })
  const { SecurityGroups } = await cloud
    .ec2()
    .send(new DescribeSecurityGroupsCommand({ GroupNames: ['default'] }))
  expect(SecurityGroups?.map(({ GroupName }) => GroupName)).toEqual(['default'])
})

test('a bug in an operation is an internal error with its trace in the log', async () => {
  await using cloud = await openCloud()
  Reflect.deleteProperty(cloud.cloud.region('us-east-1'), 'vpcs')
  expect(await refusal(cloud.ec2().send(new DescribeVpcsCommand({})))).toBe(
    'InternalError: An internal error has occurred',
  )
  expect(cloud.logged.join('\n')).toMatch(/DescribeVpcs failed unexpectedly .*TypeError/)
})
