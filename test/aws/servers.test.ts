import { expect, test } from 'vitest'
import {
  consoleOutput,
  findByHand,
  findServer,
  launchServer,
  lookAtServer,
  setServerGroups,
  tagServer,
} from '../../src/aws/servers.ts'
import { hasCode, type LabError } from '../../src/lab/finding.ts'
import type { LaunchSpec } from '../../src/lab/ports/servers.ts'
import { fields, openAws, refusal, type Script, set, tagSet } from './scripted-aws.ts'

const lab = { id: '0a1b', name: 'lab', owner: 'AIDA1' }
const names = { server: 'FlaskLoginServer', keyPair: 'flasklab-lab-0a1b' }
const spec: LaunchSpec = {
  subnet: { id: 'subnet-1', zone: 'us-east-1a' },
  groupIds: ['sg-web', 'sg-link'],
  token: 'token-1',
  encrypted: true,
}
const launched = set('instancesSet', fields({ instanceId: 'i-1' }))

async function launch(script: Script, change: Partial<LaunchSpec> = {}) {
  await using aws = await openAws(script)
  const outcome = await launchServer(aws.clients, lab, names, { ...spec, ...change }).catch(
    (error: unknown) => error,
  )
  return { outcome, asked: aws.asked('RunInstances'), requests: aws.requests }
}

test('a launch asks for exactly what the lab is to have', async () => {
  const { outcome, asked } = await launch({ RunInstances: launched })
  expect(outcome).toBe('i-1')
  const tags = (number: number, kind: string) => ({
    [`TagSpecification.${number}.ResourceType`]: kind,
    [`TagSpecification.${number}.Tag.1.Key`]: 'Name',
    [`TagSpecification.${number}.Tag.1.Value`]: 'FlaskLoginServer',
    [`TagSpecification.${number}.Tag.2.Key`]: 'flasklab:lab',
    [`TagSpecification.${number}.Tag.2.Value`]: '0a1b',
    [`TagSpecification.${number}.Tag.3.Key`]: 'flasklab:lab-name',
    [`TagSpecification.${number}.Tag.3.Value`]: 'lab',
    [`TagSpecification.${number}.Tag.4.Key`]: 'flasklab:owner',
    [`TagSpecification.${number}.Tag.4.Value`]: 'AIDA1',
  })
  expect(asked).toEqual([
    {
      MinCount: '1',
      MaxCount: '1',
      ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      InstanceType: 't3.micro',
      KeyName: 'flasklab-lab-0a1b',
      ClientToken: 'token-1',
      'NetworkInterface.1.DeviceIndex': '0',
      'NetworkInterface.1.SubnetId': 'subnet-1',
      'NetworkInterface.1.SecurityGroupId.1': 'sg-web',
      'NetworkInterface.1.SecurityGroupId.2': 'sg-link',
      'NetworkInterface.1.AssociatePublicIpAddress': 'true',
      'NetworkInterface.1.DeleteOnTermination': 'true',
      'BlockDeviceMapping.1.DeviceName': '/dev/xvda',
      'BlockDeviceMapping.1.Ebs.Encrypted': 'true',
      'BlockDeviceMapping.1.Ebs.DeleteOnTermination': 'true',
      'BlockDeviceMapping.1.Ebs.VolumeType': 'gp3',
      'MetadataOptions.HttpTokens': 'required',
      'MetadataOptions.HttpPutResponseHopLimit': '1',
      'MetadataOptions.HttpEndpoint': 'enabled',
      ...tags(1, 'instance'),
      ...tags(2, 'volume'),
      ...tags(3, 'network-interface'),
    },
  ])
})

test('a launch without encryption says so', async () => {
  const { asked } = await launch({ RunInstances: launched }, { encrypted: false })
  expect(asked[0]).toMatchObject({ 'BlockDeviceMapping.1.Ebs.Encrypted': 'false' })
})

const image = (imageId: string, creationDate: string, rootDeviceName = '/dev/xvda') =>
  fields({ imageId, creationDate, rootDeviceName })
const images = set(
  'imagesSet',
  image('ami-old', '2026-09-18T00:00:00.000Z'),
  image('ami-new', '2026-11-02T00:00:00.000Z', '/dev/sda1'),
  image('ami-older', '2025-11-02T00:00:00.000Z'),
)

test.each([
  refusal('InvalidAMIID.Malformed', 'Invalid id: "resolve:ssm:/aws/service/…"'),
  refusal('UnauthorizedOperation', 'User: x is not authorized to perform: ssm:GetParameters on resource: y'),
  refusal('AccessDenied', 'User: x is not authorized to perform: ssm:GetParameters'),
])('where the newest image can’t be named ($code), it is looked for', async (no) => {
  const { outcome, asked, requests } = await launch({ RunInstances: [no, launched], DescribeImages: images })
  expect(outcome).toBe('i-1')
  expect(requests.find((one) => one['Action'] === 'DescribeImages')).toMatchObject({
    'Owner.1': 'amazon',
    'Filter.1.Value.1': 'al2023-ami-2023.*-kernel-*-x86_64',
    'Filter.2.Value.1': 'x86_64',
    'Filter.3.Value.1': 'available',
  })
  expect(asked[1]).toEqual({
    ...asked[0],
    ImageId: 'ami-new',
    'BlockDeviceMapping.1.DeviceName': '/dev/sda1',
  })
})

test('a right that is missing for the launch itself is no reason to look for images', async () => {
  const no = refusal('UnauthorizedOperation', 'User: x is not authorized to perform: ec2:RunInstances')
  const { outcome, requests } = await launch({ RunInstances: no })
  expect(outcome).toMatchObject({ cause: { Code: 'UnauthorizedOperation' } })
  expect(requests).toHaveLength(1)
})

test('a region without images is a finding', async () => {
  const { outcome } = await launch({
    RunInstances: refusal('InvalidAMIID.NotFound', 'x'),
    DescribeImages: set('imagesSet'),
  })
  expect(outcome).toMatchObject({
    finding: { what: 'AWS lists no image of Amazon Linux 2023 in this region.' },
  })
})

const noRoom = [
  refusal(
    'InsufficientInstanceCapacity',
    'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a).',
  ),
  refusal(
    'Unsupported',
    'Your requested instance type (t3.micro) is not supported in your requested Availability Zone (us-east-1a).',
  ),
  refusal(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  ),
]

test.each(noRoom)('a zone without room ($code) is a finding that code can tell', async (no) => {
  const { outcome } = await launch({ RunInstances: no })
  expect(hasCode(outcome, 'no-room')).toBe(true)
  expect((outcome as LabError).finding).toEqual({
    what: `The zone us-east-1a can't take a t3.micro (${no.code}).`,
    why: no.message,
    remedy: { say: 'Try again later, or in another region.', run: ['flasklab up'] },
  })
})

test('a zone without room is told so after the look for images, too', async () => {
  const { outcome } = await launch({
    RunInstances: [refusal('InvalidAMIID.Malformed', 'x'), refusal('Unsupported', 'y')],
    DescribeImages: images,
  })
  expect(hasCode(outcome, 'no-room')).toBe(true)
})

test('a token that another launch has used is a finding that code can tell', async () => {
  const { outcome } = await launch({
    RunInstances: refusal(
      'IdempotentParameterMismatch',
      'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
    ),
  })
  expect(hasCode(outcome, 'used-token')).toBe(true)
})

test('a limit is no matter of the zone', async () => {
  const { outcome } = await launch({ RunInstances: refusal('VcpuLimitExceeded', 'x') })
  expect(outcome).toMatchObject({ code: undefined, cause: { Code: 'VcpuLimitExceeded' } })
})

test('groups and keys that AWS does not know yet are waited for, with the same token', async () => {
  const { outcome, asked } = await launch({
    RunInstances: [refusal('InvalidGroup.NotFound'), refusal('InvalidKeyPair.NotFound'), launched],
  })
  expect(outcome).toBe('i-1')
  expect(asked).toHaveLength(3)
  expect(new Set(asked.map((request) => request['ClientToken']))).toEqual(new Set(['token-1']))
})

const OURS = { Name: 'FlaskLoginServer', 'flasklab:lab': '0a1b' }
const networkInterface = (number: number) =>
  fields({ networkInterfaceId: `eni-${number}` }) +
  `<attachment>${fields({ deviceIndex: number })}</attachment>`
const instance =
  fields({ instanceId: 'i-1', ipAddress: '203.0.113.7', privateIpAddress: '172.31.0.5' }) +
  fields({ keyName: 'flasklab-lab-0a1b', launchTime: '2026-11-22T12:00:00.000Z' }) +
  set('networkInterfaceSet', networkInterface(1), networkInterface(0)) +
  fields({ vpcId: 'vpc-1', subnetId: 'subnet-1' }) +
  `<instanceState>${fields({ code: 16, name: 'running' })}</instanceState>` +
  set('groupSet', fields({ groupId: 'sg-web' }), fields({ groupId: 'sg-link' })) +
  tagSet({ ...OURS, 'flasklab:lab-name': 'lab', 'flasklab:host-key': 'SHA256:abc' })
const reservation = set('reservationSet', set('instancesSet', instance))

test('the lab’s server is found by its tag, the living ones only', async () => {
  await using aws = await openAws({ DescribeInstances: reservation })
  expect(await findServer(aws.clients, lab)).toEqual({
    id: 'i-1',
    state: 'running',
    stateReason: '',
    address: '203.0.113.7',
    privateAddress: '172.31.0.5',
    vpcId: 'vpc-1',
    subnetId: 'subnet-1',
    groupIds: ['sg-web', 'sg-link'],
    launchedAt: Date.UTC(2026, 10, 22, 12),
    interfaceId: 'eni-0',
    keyName: 'flasklab-lab-0a1b',
    lab: 'lab',
  })
  expect(aws.asked('DescribeInstances')).toEqual([
    {
      'Filter.1.Name': 'tag:flasklab:lab',
      'Filter.1.Value.1': '0a1b',
    },
  ])
})

test.each([
  ['pending', true],
  ['running', true],
  ['stopping', true],
  ['stopped', true],
  ['shutting-down', false],
  ['terminated', false],
])('a server that is %s counts: %s', async (state, counts) => {
  const DescribeInstances = reservation.replace('<name>running</name>', `<name>${state}</name>`)
  await using aws = await openAws({ DescribeInstances })
  expect((await findServer(aws.clients, lab)) !== undefined).toBe(counts)
})

test('a server that has ended tells why', async () => {
  const ended =
    fields({ instanceId: 'i-1' }) +
    `<instanceState>${fields({ code: 48, name: 'terminated' })}</instanceState>` +
    `<stateReason>${fields({ code: 'Client.InternalError', message: 'Client.InternalError: Client error on launch' })}</stateReason>`
  await using aws = await openAws({ DescribeInstances: set('reservationSet', set('instancesSet', ended)) })
  expect(await lookAtServer(aws.clients, 'i-1')).toEqual({
    id: 'i-1',
    state: 'terminated',
    stateReason: 'Client.InternalError: Client error on launch',
    address: undefined,
    privateAddress: undefined,
    vpcId: '',
    subnetId: '',
    groupIds: [],
  })
})

test('a server that AWS does not know yet is none', async () => {
  await using aws = await openAws({ DescribeInstances: set('reservationSet') })
  expect(await lookAtServer(aws.clients, 'i-1')).toBeUndefined()
})

test('the console is read as it is now, and empty while there is nothing on it', async () => {
  const output = Buffer.from('Grüße\r\n').toString('base64')
  await using aws = await openAws({ GetConsoleOutput: [fields({ instanceId: 'i-1' }), fields({ output })] })
  expect(await consoleOutput(aws.clients, 'i-1')).toBe('')
  expect(await consoleOutput(aws.clients, 'i-1')).toBe('Grüße\r\n')
  expect(aws.asked('GetConsoleOutput')[0]).toEqual({ InstanceId: 'i-1', Latest: 'true' })
})

test('the groups of a server are replaced as a list', async () => {
  await using aws = await openAws({ ModifyInstanceAttribute: '<return>true</return>' })
  await setServerGroups(aws.clients, 'i-1', ['sg-1', 'sg-2'])
  expect(aws.asked('ModifyInstanceAttribute')).toEqual([
    { InstanceId: 'i-1', 'GroupId.1': 'sg-1', 'GroupId.2': 'sg-2' },
  ])
})

test('a server that is too young for a tag is asked again', async () => {
  await using aws = await openAws({
    CreateTags: [refusal('InvalidInstanceID.NotFound'), '<return>true</return>'],
  })
  await tagServer(aws.clients, 'i-1', 'flasklab:host-key', 'SHA256:a+b/c=')
  expect(aws.asked('CreateTags')[1]).toEqual({
    'ResourceId.1': 'i-1',
    'Tag.1.Key': 'flasklab:host-key',
    'Tag.1.Value': 'SHA256:a+b/c=',
  })
})

test('a server that was made by hand is found by the handout’s name, or by its id', async () => {
  await using aws = await openAws({ DescribeInstances: reservation })
  expect(await findByHand(aws.clients, undefined, 'us-east-1')).toMatchObject({ id: 'i-1' })
  expect(await findByHand(aws.clients, 'i-1', 'us-east-1')).toMatchObject({ id: 'i-1' })
  expect(
    aws.asked('DescribeInstances').map((request) => [request['Filter.1.Name'], request['Filter.1.Value.1']]),
  ).toEqual([
    ['tag:Name', 'FlaskLoginServer'],
    ['instance-id', 'i-1'],
  ])
})

test('where several servers have that name, the student says which one is meant', async () => {
  const other = instance.replace('i-1', 'i-2')
  const both = set('reservationSet', set('instancesSet', instance, other))
  await using aws = await openAws({ DescribeInstances: both })
  await expect(findByHand(aws.clients, undefined, 'us-east-1')).rejects.toMatchObject({
    finding: {
      remedy: {
        run: ['flasklab doctor --adopt --instance i-1', 'flasklab doctor --adopt --instance i-2'],
      },
    },
  })
})
