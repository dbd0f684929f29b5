import { expect, test } from 'vitest'
import { remove } from '../../src/aws/removal.ts'
import type { Resource, ResourceKind } from '../../src/lab/ports/resources.ts'
import { fields, openAws, refusal, type Script, set } from './scripted-aws.ts'

const ok = '<return>true</return>'

function resource(kind: ResourceKind, id: string): Resource {
  return { kind, id, name: id }
}

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
  [resource('address', 'eipalloc-1'), { Action: 'ReleaseAddress', AllocationId: 'eipalloc-1' }],
  [resource('snapshot', 'snap'), { Action: 'DeleteDBSnapshot', DBSnapshotIdentifier: 'snap' }],
  [
    resource('automated-backup', 'db-AB'),
    { Action: 'DeleteDBInstanceAutomatedBackup', DbiResourceId: 'db-AB' },
  ],
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

const eni = resource('network-interface', 'eni-1')
const lookAtEni = {
  Action: 'DescribeNetworkInterfaces',
  'Filter.1.Name': 'network-interface-id',
  'Filter.1.Value.1': 'eni-1',
}

test('a network interface goes with its server, and one that has none is deleted', async () => {
  const attached = `${fields({ networkInterfaceId: 'eni-1', status: 'in-use' })}<attachment>${fields({ instanceId: 'i-1' })}</attachment>`
  expect(await removing(eni, { DescribeNetworkInterfaces: set('networkInterfaceSet', attached) })).toEqual({
    outcome: {
      done: 'not-yet',
      why: 'It goes with its server.',
      dependents: [{ by: 'i-1', what: 'the instance i-1', run: [] }],
    },
    asked: [lookAtEni],
  })
  const alone = fields({ networkInterfaceId: 'eni-1', status: 'available' })
  const script = { DescribeNetworkInterfaces: set('networkInterfaceSet', alone), DeleteNetworkInterface: ok }
  expect(await removing(eni, script)).toEqual({
    outcome: asked,
    asked: [lookAtEni, { Action: 'DeleteNetworkInterface', NetworkInterfaceId: 'eni-1' }],
  })
  expect((await removing(eni, { DescribeNetworkInterfaces: set('networkInterfaceSet') })).outcome).toEqual(
    asked,
  )
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
    // Where AWS does not tell what holds it, its own words have to do.
    const script = { DescribeSecurityGroupRules: set('securityGroupRuleSet'), [action]: refusal(code, why) }
    expect((await removing(it, script)).outcome).toEqual({ done: 'not-yet', why, dependents: [] })
  },
)

test('a right that is missing is an error, not a matter of time', async () => {
  const { outcome } = await removing(resource('server', 'i-1'), {
    TerminateInstances: refusal('UnauthorizedOperation'),
  })
  expect(outcome).toMatchObject({ cause: { Code: 'UnauthorizedOperation' } })
})

test('a server that is protected is refused, with the command that switches it off', async () => {
  const { outcome } = await removing(resource('server', 'i-1'), {
    TerminateInstances: refusal('OperationNotPermitted', 'The instance may not be terminated.'),
  })
  expect(outcome).toMatchObject({
    finding: {
      what: 'It is protected against termination.',
      remedy: {
        run: [
          'aws ec2 modify-instance-attribute --instance-id i-1 --no-disable-api-termination --region us-east-1',
        ],
      },
    },
  })
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

test('a database that has only the name of the lab’s is not touched', async () => {
  const there = `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db', DbiResourceId: 'db-OTHER' })}</DBInstance></DBInstances>`
  const ours = { ...resource('database', 'db'), uniqueId: 'db-OURS' }
  expect(await removing(ours, { DescribeDBInstances: there })).toEqual({
    outcome: { done: 'not-yet', why: 'It is not found.', dependents: [] },
    asked: [{ Action: 'DescribeDBInstances' }],
  })
})

test('a stopped database is started, for only then can its protection be lifted', async () => {
  const { outcome, asked: requests } = await removing(resource('database', 'db'), {
    DeleteDBInstance: refusal(
      'InvalidParameterCombination',
      'Cannot delete protected DB Instance, please disable deletion protection and try again.',
    ),
    ModifyDBInstance: refusal('InvalidDBInstanceState', 'You can’t modify a stopped DB instance.'),
    StartDBInstance: '',
  })
  expect(outcome).toEqual({ done: 'not-yet', why: 'You can’t modify a stopped DB instance.', dependents: [] })
  expect(requests.map(({ Action }) => Action)).toEqual([
    'DeleteDBInstance',
    'ModifyDBInstance',
    'StartDBInstance',
  ])
})

test('rules that name another group are taken back by their ids where they hold a group; the others go with it', async () => {
  const rule = (id: string, isEgress: boolean, more: string) =>
    fields({ groupId: 'sg-1', securityGroupRuleId: id, isEgress, ipProtocol: 'tcp' }) + more
  const other = `<referencedGroupInfo>${fields({ groupId: 'sg-2' })}</referencedGroupInfo>`
  const { outcome, asked: requests } = await removing(resource('security-group', 'sg-1'), {
    DescribeSecurityGroupRules: set(
      'securityGroupRuleSet',
      rule('r1', false, other),
      rule('r2', true, other),
      rule('r3', true, fields({ cidrIpv4: '0.0.0.0/0' })),
    ),
    RevokeSecurityGroupIngress: ok,
    RevokeSecurityGroupEgress: ok,
    DeleteSecurityGroup: [refusal('DependencyViolation', 'x'), ok],
  })
  expect(outcome).toEqual(asked)
  expect(requests).toEqual([
    { Action: 'DeleteSecurityGroup', GroupId: 'sg-1' },
    { Action: 'DescribeSecurityGroupRules', 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-1' },
    { Action: 'RevokeSecurityGroupIngress', GroupId: 'sg-1', 'SecurityGroupRuleId.1': 'r1' },
    { Action: 'RevokeSecurityGroupEgress', GroupId: 'sg-1', 'SecurityGroupRuleId.1': 'r2' },
    { Action: 'DeleteSecurityGroup', GroupId: 'sg-1' },
  ])
})

const held: Script = {
  DescribeSecurityGroupRules: (request) =>
    request['Filter.1.Value.1'] === 'sg-1'
      ? set('securityGroupRuleSet')
      : set(
          'securityGroupRuleSet',
          `${fields({ groupId: 'sg-d', securityGroupRuleId: 'sgr-1', isEgress: false })}<referencedGroupInfo>${fields({ groupId: 'sg-1' })}</referencedGroupInfo>`,
          fields({ groupId: 'sg-d', securityGroupRuleId: 'sgr-2', isEgress: true, cidrIpv4: '0.0.0.0/0' }),
          `${fields({ groupId: 'sg-e', securityGroupRuleId: 'sgr-3', isEgress: true })}<referencedGroupInfo>${fields({ groupId: 'sg-1' })}</referencedGroupInfo>`,
        ),
  DeleteSecurityGroup: refusal('DependencyViolation', 'resource sg-1 has a dependent object'),
  DescribeSecurityGroups: (request) =>
    request['Filter.1.Name'] === 'ip-permission.group-id'
      ? set('securityGroupInfo', fields({ groupId: 'sg-d', groupName: 'default' }))
      : set('securityGroupInfo', fields({ groupId: 'sg-e', groupName: 'other' })),
  DescribeNetworkInterfaces: set(
    'networkInterfaceSet',
    `${fields({ networkInterfaceId: 'eni-1' })}${set('groupSet', fields({ groupId: 'sg-1' }), fields({ groupId: 'sg-2' }))}<attachment>${fields({ instanceId: 'i-9' })}</attachment>`,
    fields({ networkInterfaceId: 'eni-2', requesterManaged: true, description: 'RDSNetworkInterface' }),
  ),
  DescribeDBInstances: `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db', DBInstanceStatus: 'available' })}<VpcSecurityGroups><VpcSecurityGroupMembership>${fields({ VpcSecurityGroupId: 'sg-1' })}</VpcSecurityGroupMembership></VpcSecurityGroups></DBInstance></DBInstances>`,
}

test('the dependents of a group are named: other groups’ rules, a server, a database, and what passes by itself', async () => {
  const { outcome } = await removing(resource('security-group', 'sg-1'), held)
  expect(outcome).toEqual({
    done: 'not-yet',
    why: 'resource sg-1 has a dependent object',
    dependents: [
      {
        by: 'sg-d',
        what: 'the rule sgr-1 of the group default (sg-d), which names it',
        run: [
          'aws ec2 revoke-security-group-ingress --group-id sg-d --security-group-rule-ids sgr-1 --region us-east-1',
        ],
      },
      {
        by: 'sg-e',
        what: 'the rule sgr-3 of the group other (sg-e), which names it',
        run: [
          'aws ec2 revoke-security-group-egress --group-id sg-e --security-group-rule-ids sgr-3 --region us-east-1',
        ],
      },
      {
        by: 'i-9',
        what: 'the instance i-9',
        run: [
          'aws ec2 modify-network-interface-attribute --network-interface-id eni-1 --groups sg-2 --region us-east-1',
        ],
      },
      { by: undefined, what: 'the network interface eni-2 (RDSNetworkInterface)', run: [] },
      { by: 'db', what: 'the database db', run: [] },
    ],
  })
})

test('the dependents of a volume, a subnet group and an address are named', async () => {
  const inUse = set('attachmentSet', fields({ instanceId: 'i-9' }))
  const volume = await removing(resource('volume', 'vol-1'), {
    DeleteVolume: refusal('VolumeInUse'),
    DescribeVolumes: set('volumeSet', fields({ volumeId: 'vol-1' }) + inUse),
  })
  const subnetGroup = await removing(resource('subnet-group', 'sng'), {
    DeleteDBSubnetGroup: refusal('InvalidDBSubnetGroupStateFault'),
    DescribeDBInstances: `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db', DBInstanceStatus: 'deleting' })}<DBSubnetGroup>${fields({ DBSubnetGroupName: 'sng' })}</DBSubnetGroup></DBInstance></DBInstances>`,
  })
  const address = await removing(resource('address', 'eipalloc-1'), {
    ReleaseAddress: refusal('InvalidIPAddress.InUse'),
    DescribeAddresses: set('addressesSet', fields({ associationId: 'eipassoc-1', instanceId: 'i-9' })),
  })
  expect(volume.outcome).toMatchObject({
    dependents: [{ by: 'i-9', run: ['aws ec2 detach-volume --volume-id vol-1 --region us-east-1'] }],
  })
  expect(subnetGroup.outcome).toMatchObject({ dependents: [{ by: undefined, what: 'the database db' }] })
  expect(address.outcome).toMatchObject({
    dependents: [
      { by: 'i-9', run: ['aws ec2 disassociate-address --association-id eipassoc-1 --region us-east-1'] },
    ],
  })
})
