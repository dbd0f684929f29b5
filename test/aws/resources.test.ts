import { expect, test } from 'vitest'
import { findLabIds, listResources, remove } from '../../src/aws/resources.ts'
import type { Resource, ResourceKind } from '../../src/lab/ports.ts'
import { fields, openAws, refusal, type Script, set, tagList, tagSet } from './scripted-aws.ts'

const lab = { id: '0a1b', name: 'lab', owner: 'AIDA1' }
const ok = '<return>true</return>'

function resource(kind: ResourceKind, id: string): Resource {
  return { kind, id, name: id }
}

function server(instanceId: string, state: string): string {
  return `${fields({ instanceId })}<instanceState>${fields({ name: state })}</instanceState>${tagSet({ Name: 'FlaskLoginServer' })}`
}

function database(id: string, labId: string, status = 'available'): string {
  return `<DBInstance>${fields({ DBInstanceIdentifier: id, DBInstanceStatus: status })}${tagList({ 'flasklab:lab': labId, 'flasklab:lab-name': 'lab', 'flasklab:owner': 'AIDA1' })}</DBInstance>`
}

function subnetGroups(...ids: readonly string[]): string {
  const groups = ids.map(
    (id) =>
      `<DBSubnetGroup>${fields({ DBSubnetGroupName: id, DBSubnetGroupArn: `arn:${id}` })}</DBSubnetGroup>`,
  )
  return `<DBSubnetGroups>${groups.join('')}</DBSubnetGroups>`
}

const nothing: Script = {
  DescribeInstances: set('reservationSet'),
  DescribeVolumes: set('volumeSet'),
  DescribeNetworkInterfaces: set('networkInterfaceSet'),
  DescribeSecurityGroups: set('securityGroupInfo'),
  DescribeKeyPairs: set('keySet'),
  DescribeDBInstances: '<DBInstances></DBInstances>',
  DescribeDBSubnetGroups: subnetGroups(),
}

test('all that carries the lab’s tag is listed, what is being deleted included, what has ended not', async () => {
  await using aws = await openAws({
    DescribeInstances: set(
      'reservationSet',
      set('instancesSet', server('i-1', 'shutting-down'), server('i-2', 'terminated')),
    ),
    DescribeVolumes: set('volumeSet', fields({ volumeId: 'vol-1' })),
    DescribeNetworkInterfaces: set('networkInterfaceSet', fields({ networkInterfaceId: 'eni-1' })),
    DescribeSecurityGroups: set('securityGroupInfo', fields({ groupId: 'sg-1', groupName: 'ec2-rds-1' })),
    DescribeKeyPairs: set('keySet', fields({ keyPairId: 'key-1', keyName: 'flasklab-lab-0a1b' })),
    DescribeDBInstances: `<DBInstances>${database('flaskdb-instance', '0a1b', 'deleting')}${database('theirs', 'other')}</DBInstances>`,
    DescribeDBSubnetGroups: subnetGroups('default', 'flasklab-lab-0a1b', 'flasklab-lab-9f9f'),
    ListTagsForResource: tagList({ 'flasklab:lab': '0a1b' }),
  })
  expect(await listResources(aws.clients, lab)).toEqual([
    { kind: 'server', id: 'i-1', name: 'FlaskLoginServer' },
    { kind: 'volume', id: 'vol-1', name: '' },
    { kind: 'network-interface', id: 'eni-1', name: '' },
    { kind: 'security-group', id: 'sg-1', name: 'ec2-rds-1' },
    { kind: 'key-pair', id: 'key-1', name: 'flasklab-lab-0a1b' },
    { kind: 'database', id: 'flaskdb-instance', name: 'flaskdb-instance' },
    { kind: 'subnet-group', id: 'flasklab-lab-0a1b', name: 'flasklab-lab-0a1b' },
  ])
  const byTag = { 'Filter.1.Name': 'tag:flasklab:lab', 'Filter.1.Value.1': '0a1b' }
  for (const kind of ['Instances', 'Volumes', 'NetworkInterfaces', 'SecurityGroups', 'KeyPairs'])
    expect(aws.asked(`Describe${kind}`)).toEqual([byTag])
  // A class of sixty has sixty subnet groups: only the one that can be ours is asked about.
  expect(aws.asked('ListTagsForResource')).toEqual([{ ResourceName: 'arn:flasklab-lab-0a1b' }])
})

test('a subnet group on a later page is found, and one that is not tagged as ours is left alone', async () => {
  await using aws = await openAws({
    ...nothing,
    DescribeDBSubnetGroups: (request) =>
      request['Marker'] === 'next'
        ? subnetGroups('flasklab-lab-0a1b', 'flasklab-x-0a1b')
        : `<Marker>next</Marker>${subnetGroups('default')}`,
    ListTagsForResource: (request) =>
      tagList({ 'flasklab:lab': request['ResourceName'] === 'arn:flasklab-lab-0a1b' ? '0a1b' : 'other' }),
  })
  expect(await listResources(aws.clients, lab)).toEqual([resource('subnet-group', 'flasklab-lab-0a1b')])
})

test('a subnet group that goes while we look is gone, not an error', async () => {
  await using aws = await openAws({
    ...nothing,
    DescribeDBSubnetGroups: subnetGroups('flasklab-lab-0a1b'),
    ListTagsForResource: refusal('DBSubnetGroupNotFoundFault', 'x', 404),
  })
  expect(await listResources(aws.clients, lab)).toEqual([])
})

async function removing(it: Resource, script: Script) {
  await using aws = await openAws(script)
  const outcome = await remove(aws.clients, it).catch((error: unknown) => error)
  const asked = aws.requests.map(({ Version: _version, ...request }) => request)
  return { outcome, asked }
}

const asked = { done: 'asked' }

test.each([
  [resource('server', 'i-1'), { Action: 'TerminateInstances', 'InstanceId.1': 'i-1' }],
  [resource('key-pair', 'key-1'), { Action: 'DeleteKeyPair', KeyPairId: 'key-1' }],
  [resource('volume', 'vol-1'), { Action: 'DeleteVolume', VolumeId: 'vol-1' }],
  [resource('subnet-group', 'sng'), { Action: 'DeleteDBSubnetGroup', DBSubnetGroupName: 'sng' }],
  [
    resource('database', 'db'),
    {
      Action: 'DeleteDBInstance',
      DBInstanceIdentifier: 'db',
      SkipFinalSnapshot: 'true',
      DeleteAutomatedBackups: 'true',
    },
  ],
])('a $kind is deleted by one request', async (it, request) => {
  expect(await removing(it, { [request.Action]: '' })).toEqual({ outcome: asked, asked: [request] })
})

test('a network interface goes with its server: nothing is asked', async () => {
  expect(await removing(resource('network-interface', 'eni-1'), {})).toEqual({
    outcome: { done: 'not-yet', why: 'it goes with its server' },
    asked: [],
  })
})

test.each([
  [resource('server', 'i-1'), 'TerminateInstances', 'InvalidInstanceID.NotFound'],
  [resource('key-pair', 'key-1'), 'DeleteKeyPair', 'InvalidKeyPair.NotFound'],
  [resource('volume', 'vol-1'), 'DeleteVolume', 'InvalidVolume.NotFound'],
  [resource('subnet-group', 'sng'), 'DeleteDBSubnetGroup', 'DBSubnetGroupNotFoundFault'],
  [resource('database', 'db'), 'DeleteDBInstance', 'DBInstanceNotFound'],
  [resource('security-group', 'sg-1'), 'DeleteSecurityGroup', 'InvalidGroup.NotFound'],
])('a $kind that is gone already is as good as deleted', async (it, action, code) => {
  const script = { DescribeSecurityGroupRules: set('securityGroupRuleSet'), [action]: refusal(code, 'x') }
  expect((await removing(it, script)).outcome).toEqual(asked)
})

test('a database that is being deleted already is waited for', async () => {
  const no = refusal('InvalidDBInstanceState', 'Instance db is already being deleted.')
  expect((await removing(resource('database', 'db'), { DeleteDBInstance: no })).outcome).toEqual(asked)
})

test.each([
  [
    resource('security-group', 'sg-1'),
    'DeleteSecurityGroup',
    'DependencyViolation',
    'resource sg-1 has a dependent object',
  ],
  [
    resource('security-group', 'sg-1'),
    'DeleteSecurityGroup',
    'InvalidGroup.InUse',
    'There are active instances using security group',
  ],
  [
    resource('database', 'db'),
    'DeleteDBInstance',
    'InvalidDBInstanceState',
    'Database instance is not in available state.',
  ],
  [
    resource('subnet-group', 'sng'),
    'DeleteDBSubnetGroup',
    'InvalidDBSubnetGroupStateFault',
    "Cannot delete the subnet group 'sng' because at least one database instance: db is still using it.",
  ],
  [resource('volume', 'vol-1'), 'DeleteVolume', 'VolumeInUse', 'Volume vol-1 is currently attached to i-1'],
])(
  'a $kind that is still needed ($kind: %s %s) is not yet deleted, and says why',
  async (it, action, code, why) => {
    const script = { DescribeSecurityGroupRules: set('securityGroupRuleSet'), [action]: refusal(code, why) }
    expect((await removing(it, script)).outcome).toEqual({ done: 'not-yet', why })
  },
)

test('a right that is missing is an error, not a matter of time', async () => {
  const { outcome } = await removing(resource('server', 'i-1'), {
    TerminateInstances: refusal('UnauthorizedOperation'),
  })
  expect(outcome).toMatchObject({ Code: 'UnauthorizedOperation' })
})

test('the protection of a database is lifted, and then it is deleted', async () => {
  const isProtected = refusal(
    'InvalidParameterCombination',
    'Cannot delete protected DB Instance, please disable deletion protection and try again.',
  )
  const deletion = {
    Action: 'DeleteDBInstance',
    DBInstanceIdentifier: 'db',
    SkipFinalSnapshot: 'true',
    DeleteAutomatedBackups: 'true',
  }
  expect(
    await removing(resource('database', 'db'), { DeleteDBInstance: [isProtected, ''], ModifyDBInstance: '' }),
  ).toEqual({
    outcome: asked,
    asked: [
      deletion,
      {
        Action: 'ModifyDBInstance',
        DBInstanceIdentifier: 'db',
        DeletionProtection: 'false',
        ApplyImmediately: 'true',
      },
      deletion,
    ],
  })
})

test('the protection of a stopped database can’t be lifted yet', async () => {
  const { outcome } = await removing(resource('database', 'db'), {
    DeleteDBInstance: refusal(
      'InvalidParameterCombination',
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    ),
    ModifyDBInstance: refusal('InvalidDBInstanceState', 'You can’t modify a stopped DB instance.'),
  })
  expect(outcome).toEqual({ done: 'not-yet', why: 'You can’t modify a stopped DB instance.' })
})

test('rules that name another group are taken back by their ids before a group goes; the others go with it', async () => {
  const rule = (id: string, isEgress: boolean, more: string) =>
    fields({ groupId: 'sg-1', securityGroupRuleId: id, isEgress, ipProtocol: 'tcp' }) + more
  const other = `<referencedGroupInfo>${fields({ groupId: 'sg-2' })}</referencedGroupInfo>`
  const { outcome, asked: requests } = await removing(resource('security-group', 'sg-1'), {
    DescribeSecurityGroupRules: [
      set(
        'securityGroupRuleSet',
        rule('r1', false, other),
        rule('r2', true, other),
        rule('r3', true, fields({ cidrIpv4: '0.0.0.0/0' })),
      ),
      set('securityGroupRuleSet', rule('r3', true, fields({ cidrIpv4: '0.0.0.0/0' }))),
    ],
    RevokeSecurityGroupIngress: ok,
    RevokeSecurityGroupEgress: ok,
    DeleteSecurityGroup: ok,
  })
  expect(outcome).toEqual(asked)
  expect(requests).toEqual([
    { Action: 'DescribeSecurityGroupRules', 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-1' },
    { Action: 'RevokeSecurityGroupIngress', GroupId: 'sg-1', 'SecurityGroupRuleId.1': 'r1' },
    { Action: 'RevokeSecurityGroupEgress', GroupId: 'sg-1', 'SecurityGroupRuleId.1': 'r2' },
    { Action: 'DescribeSecurityGroupRules', 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-1' },
    { Action: 'DeleteSecurityGroup', GroupId: 'sg-1' },
  ])
})

test('a lab whose record is lost is found by name and owner, in EC2 and in RDS, and nobody else’s', async () => {
  const tag = (resourceId: string, value: string) => fields({ resourceId, value })
  await using aws = await openAws({
    ...nothing,
    DescribeTags: (request) => {
      const answers: Record<string, string> = {
        'flasklab:lab-name': set('tagSet', tag('i-1', 'lab'), tag('i-9', 'lab'), tag('i-3', 'lab')),
        'flasklab:owner': set('tagSet', tag('i-1', 'AIDA1'), tag('i-2', 'AIDA1'), tag('i-3', 'AIDA1')),
        'flasklab:lab': set('tagSet', tag('i-1', '0a1b'), tag('i-3', 'ended')),
      }
      return answers[request['Filter.1.Value.1'] ?? ''] ?? ''
    },
    DescribeDBInstances: `<DBInstances>${database('a', '0a1b')}${database('b', '7c7c')}</DBInstances>`,
  })
  expect(await findLabIds(aws.clients, 'lab', 'AIDA1')).toEqual(['0a1b', '7c7c'])
  expect(aws.asked('DescribeTags').at(-1)).toMatchObject({
    'Filter.2.Name': 'resource-id',
    'Filter.2.Value.1': 'i-1',
    'Filter.2.Value.2': 'i-3',
  })
  expect(await findLabIds(aws.clients, 'lab', 'somebody')).not.toContain('7c7c')
})
