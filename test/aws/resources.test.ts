import { expect, test } from 'vitest'
import { findByName, listResources } from '../../src/aws/resources.ts'
import type { Resource, ResourceKind } from '../../src/lab/ports/resources.ts'
import { fields, openAws, refusal, type Script, set, tagList, tagSet } from './scripted-aws.ts'

const lab = { id: '0a1b', name: 'lab', owner: 'AIDA1' }
const ours = { 'flasklab:lab': '0a1b' }

function resource(kind: ResourceKind, id: string): Resource {
  return { kind, id, name: id }
}

function server(instanceId: string, state: string): string {
  return `${fields({ instanceId, launchTime: '2026-11-22T10:00:00.000Z' })}<instanceState>${fields({ name: state })}</instanceState>${tagSet({ ...ours, Name: 'FlaskLoginServer' })}`
}

function database(id: string, labId: string, status = 'available', DeletionProtection = false): string {
  return `<DBInstance>${fields({ DBInstanceIdentifier: id, DBInstanceStatus: status, DeletionProtection })}${tagList({ 'flasklab:lab': labId, 'flasklab:lab-name': 'lab', 'flasklab:owner': 'AIDA1' })}</DBInstance>`
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
    DescribeVolumes: set(
      'volumeSet',
      fields({ volumeId: 'vol-1', status: 'in-use', createTime: '2026-11-22T10:00:00.000Z' }) + tagSet(ours),
      fields({ volumeId: 'vol-2' }) + tagSet({ 'flasklab:lab': '0a1x' }),
    ),
    DescribeNetworkInterfaces: set(
      'networkInterfaceSet',
      fields({ networkInterfaceId: 'eni-1' }) + tagSet(ours),
    ),
    DescribeSecurityGroups: set(
      'securityGroupInfo',
      fields({ groupId: 'sg-1', groupName: 'ec2-rds-1' }) + tagSet(ours),
    ),
    DescribeKeyPairs: set(
      'keySet',
      fields({ keyPairId: 'key-1', keyName: 'flasklab-lab-0a1b', createTime: '2026-11-22T09:00:00.000Z' }) +
        tagSet(ours),
    ),
    DescribeDBInstances: `<DBInstances>${database('flaskdb-instance', '0a1b', 'deleting', true)}${database('theirs', 'other')}</DBInstances>`,
    DescribeDBSubnetGroups: subnetGroups('default', 'flasklab-lab-0a1b', 'flasklab-lab-9f9f'),
    ListTagsForResource: tagList(ours),
  })
  expect(await listResources(aws.clients, lab)).toEqual([
    {
      kind: 'server',
      id: 'i-1',
      name: 'FlaskLoginServer',
      state: 'shutting-down',
      madeAt: Date.parse('2026-11-22T10:00:00Z'),
    },
    { kind: 'volume', id: 'vol-1', name: '', state: 'in-use', madeAt: Date.parse('2026-11-22T10:00:00Z') },
    { kind: 'network-interface', id: 'eni-1', name: '' },
    { kind: 'security-group', id: 'sg-1', name: 'ec2-rds-1' },
    {
      kind: 'key-pair',
      id: 'key-1',
      name: 'flasklab-lab-0a1b',
      madeAt: Date.parse('2026-11-22T09:00:00Z'),
    },
    {
      kind: 'database',
      id: 'flaskdb-instance',
      name: 'flaskdb-instance',
      state: 'deleting',
      isProtected: true,
    },
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

test('a resource with the lab’s id in its name is found by it, tags or none', async () => {
  await using aws = await openAws({
    DescribeKeyPairs: set('keySet', fields({ keyPairId: 'key-1', keyName: 'flasklab-lab-0a1b' })),
    DescribeSecurityGroups: set('securityGroupInfo', fields({ groupId: 'sg-1', groupName: 'web-0a1b' })),
    DescribeDBSubnetGroups: subnetGroups('default', 'flasklab-lab-0a1b', 'flasklab-lab-9f9f'),
  })
  expect(await findByName(aws.clients, '0a1b')).toEqual([
    { kind: 'key-pair', id: 'key-1', name: 'flasklab-lab-0a1b' },
    { kind: 'security-group', id: 'sg-1', name: 'web-0a1b' },
    { kind: 'subnet-group', id: 'flasklab-lab-0a1b', name: 'flasklab-lab-0a1b' },
  ])
  expect([...aws.asked('DescribeKeyPairs'), ...aws.asked('DescribeSecurityGroups')]).toEqual([
    { 'Filter.1.Name': 'key-name', 'Filter.1.Value.1': 'flasklab-*-0a1b' },
    { 'Filter.1.Name': 'group-name', 'Filter.1.Value.1': '*-web-0a1b' },
  ])
})
