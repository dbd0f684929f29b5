import { expect, test } from 'vitest'
import { findLabIds, listLabs, tagDeadline } from '../../src/aws/labs.ts'
import { fields, openAws, refusal, type Script, set, tagList, tagSet } from './scripted-aws.ts'

const tags = (id: string, name: string, owner: string, more: Record<string, string> = {}) => ({
  'flasklab:lab': id,
  'flasklab:lab-name': name,
  'flasklab:owner': owner,
  ...more,
})
const ada = tags('aaaaaaaaaa', 'lab', 'AIDA1')
const bob = tags('bbbbbbbbbb', 'second', 'AIDB2')

function server(id: string, state: string, of: Record<string, string>): string {
  const about = { instanceId: id, instanceType: 't3.micro', launchTime: '2026-11-22T10:00:00.000Z' }
  return `${fields(about)}<instanceState>${fields({ name: state })}</instanceState>${tagSet(of)}`
}

function subnetGroups(...names: string[]): string {
  const groups = names.map(
    (name) =>
      `<DBSubnetGroup>${fields({ DBSubnetGroupName: name, DBSubnetGroupArn: `arn:${name}` })}</DBSubnetGroup>`,
  )
  return `<DBSubnetGroups>${groups.join('')}</DBSubnetGroups>`
}

const account: Script = {
  DescribeInstances: set(
    'reservationSet',
    set(
      'instancesSet',
      server('i-1', 'running', { ...ada, 'flasklab:expires': '2026-11-22T14:00:00Z' }),
      server('i-9', 'terminated', tags('eeeeeeeeee', 'lab', 'AIDA1')),
    ),
  ),
  DescribeVolumes: (request) =>
    request['Filter.1.Name'] === 'tag-key'
      ? set('volumeSet')
      : set('volumeSet', fields({ volumeId: 'vol-1' }) + set('attachmentSet', fields({ instanceId: 'i-1' }))),
  DescribeNetworkInterfaces: set('networkInterfaceSet'),
  DescribeSecurityGroups: set(
    'securityGroupInfo',
    fields({ groupId: 'sg-1', groupName: 'web' }) +
      tagSet({ ...ada, 'flasklab:expires': '2026-11-22T18:00:00Z' }),
  ),
  DescribeKeyPairs: set('keySet'),
  DescribeAddresses: set('addressesSet'),
  DescribeDBSnapshots: '<DBSnapshots/>',
  DescribeDBInstanceAutomatedBackups: '<DBInstanceAutomatedBackups/>',
  DescribeDBInstances: `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db', DBInstanceArn: 'arn:db', DBInstanceStatus: 'available' })}${tagList(bob)}</DBInstance><DBInstance>${fields({ DBInstanceIdentifier: 'by-hand' })}</DBInstance></DBInstances>`,
  DescribeDBSubnetGroups: subnetGroups(
    'default',
    'flasklab-second-bbbbbbbbbb',
    'flasklab-left-cccccccccc',
    'flasklab-mine',
  ),
  ListTagsForResource: tagList(tags('cccccccccc', 'left', 'AIDC3')),
}

test('a lab of which only an address or a snapshot is left is one, as far as it may be looked at', async () => {
  const alone: Script = {
    ...account,
    DescribeAddresses: set(
      'addressesSet',
      fields({ allocationId: 'eipalloc-1', publicIp: '198.51.100.9' }) +
        tagSet(tags('dddddddddd', 'd', 'AIDA1')),
    ),
    DescribeDBSnapshots: `<DBSnapshots><DBSnapshot>${fields({ DBSnapshotIdentifier: 'snap', Status: 'available' })}${tagList(tags('ffffffffff', 'f', 'AIDA1'))}</DBSnapshot></DBSnapshots>`,
    DescribeDBInstanceAutomatedBackups: refusal('AccessDenied'),
  }
  await using aws = await openAws(alone)
  const labs = await listLabs(aws.clients)
  const kinds = Object.fromEntries(labs.map(({ id, resources }) => [id, resources.map(({ kind }) => kind)]))
  expect(kinds).toMatchObject({ dddddddddd: ['address'], ffffffffff: ['snapshot'] })
})

test('lists every lab that has something, by its tags, each with what is its own', async () => {
  await using aws = await openAws(account)
  const labs = await listLabs(aws.clients)
  expect(
    labs.map(({ id, name, owner, resources }) => [id, name, owner, ...resources.map((each) => each.id)]),
  ).toEqual([
    ['aaaaaaaaaa', 'lab', 'AIDA1', 'i-1', 'sg-1'],
    ['bbbbbbbbbb', 'second', 'AIDB2', 'db', 'flasklab-second-bbbbbbbbbb'],
    ['cccccccccc', 'left', 'AIDC3', 'flasklab-left-cccccccccc'],
  ])
  expect(
    labs.map(({ inventory: { servers, disks, databases } }) =>
      [servers, disks, databases].map((each) => each.length),
    ),
  ).toEqual([
    [1, 1, 0],
    [0, 0, 1],
    [0, 0, 0],
  ])
  // A deadline that was put off may stand on a part of a lab only.
  expect(labs.map(({ expiresAt }) => expiresAt)).toEqual([
    Date.parse('2026-11-22T18:00:00Z'),
    undefined,
    undefined,
  ])
  expect(aws.asked('ListTagsForResource')).toEqual([{ ResourceName: 'arn:flasklab-left-cccccccccc' }])
})

test('a deadline that can’t be read is none, and the others of the lab, which it may put off, are none either', async () => {
  const until = (groupId: string, expires: string) =>
    fields({ groupId }) + tagSet({ ...ada, 'flasklab:expires': expires })
  await using aws = await openAws({
    ...account,
    DescribeSecurityGroups: set('securityGroupInfo', until('sg-1', '2026-11-23 10:00')),
  })
  const [lab] = await listLabs(aws.clients)
  expect(lab).toMatchObject({ expiresAt: undefined, unreadableDeadline: '2026-11-23 10:00' })
})

test.each(['/../../../a5victim', 'aaaaaaaaa?', '*', '', 'AAAAAAAAAA', 'aaaaaaaaaa\n', 'lab'])(
  'a resource with %j as the id of a lab is nobody’s lab',
  async (id) => {
    await using aws = await openAws({
      ...account,
      DescribeSecurityGroups: set(
        'securityGroupInfo',
        fields({ groupId: 'sg-1' }) + tagSet(tags(id, 'lab', 'AIDA1')),
      ),
      DescribeDBInstances: `<DBInstances><DBInstance>${fields({ DBInstanceIdentifier: 'db' })}${tagList(tags(id, 'lab', 'AIDA1'))}</DBInstance></DBInstances>`,
    })
    expect((await listLabs(aws.clients)).map((lab) => lab.id)).toEqual(['aaaaaaaaaa', 'cccccccccc'])
  },
)

test('the text of a tag or a name can’t write elsewhere on the screen', async () => {
  const odd = tags('aaaaaaaaaa', 'lab\u202Ebal\nLab two', 'AIDA1\u001B[2J', { 'flasklab:expires': 'x\u200B' })
  await using aws = await openAws({
    ...account,
    DescribeInstances: set('reservationSet'),
    DescribeSecurityGroups: set(
      'securityGroupInfo',
      fields({ groupId: 'sg-1', groupName: 'web\u009B31m' }) + tagSet(odd),
    ),
  })
  const [lab] = await listLabs(aws.clients)
  expect(lab).toMatchObject({
    name: 'lab\uFFFDbal\uFFFDLab two',
    owner: 'AIDA1\uFFFD[2J',
    unreadableDeadline: 'x\uFFFD',
    resources: [{ id: 'sg-1', name: 'web\uFFFD31m' }],
  })
})

test('a lab whose record is lost is found by name and owner, and nobody else’s', async () => {
  await using aws = await openAws(account)
  expect(await findLabIds(aws.clients, 'lab', 'AIDA1')).toEqual(['aaaaaaaaaa'])
  expect(await findLabIds(aws.clients, 'second', 'AIDB2')).toEqual(['bbbbbbbbbb'])
  expect(await findLabIds(aws.clients, 'lab', 'AIDB2')).toEqual([])
})

test('a deadline goes to all there is of the lab, and to nothing else', async () => {
  await using aws = await openAws({
    ...account,
    DescribeSecurityGroups: set('securityGroupInfo', fields({ groupId: 'sg-2' }) + tagSet(bob)),
    CreateTags: '',
    AddTagsToResource: '',
  })
  const lab = { id: 'bbbbbbbbbb', name: 'second', owner: 'AIDB2' }
  await tagDeadline(aws.clients, lab, '2026-11-22T18:00:00Z')
  expect(aws.asked('DescribeInstances')).toEqual([
    { 'Filter.1.Name': 'tag:flasklab:lab', 'Filter.1.Value.1': 'bbbbbbbbbb' },
  ])
  const [asked] = aws.asked('CreateTags')
  expect(asked).toMatchObject({
    'ResourceId.1': 'sg-2',
    'Tag.1.Key': 'flasklab:expires',
    'Tag.1.Value': '2026-11-22T18:00:00Z',
  })
  expect(asked).not.toHaveProperty('ResourceId.2')
  expect(aws.asked('AddTagsToResource').map((each) => each['ResourceName'])).toEqual([
    'arn:db',
    'arn:flasklab-second-bbbbbbbbbb',
  ])
})
