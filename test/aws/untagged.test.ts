import { expect, test } from 'vitest'
import { findUntagged } from '../../src/aws/untagged.ts'
import { fields, openAws, set, tagList, tagSet } from './scripted-aws.ts'

function server(instanceId: string, group: string, tags: Readonly<Record<string, string>> = {}): string {
  return (
    fields({ instanceId }) + set('groupSet', fields({ groupId: 'sg-1', groupName: group })) + tagSet(tags)
  )
}

function database(id: string, subnetGroup: string, tags: Readonly<Record<string, string>> = {}): string {
  const inGroup = `<DBSubnetGroup>${fields({ DBSubnetGroupName: subnetGroup })}</DBSubnetGroup>`
  return `<DBInstance>${fields({ DBInstanceIdentifier: id, DBInstanceArn: `arn:${id}` })}${inGroup}${tagList(tags)}</DBInstance>`
}

test('a server or database without the lab’s tag is known by what holds the lab’s id, and by the record', async () => {
  const ours = { 'flasklab:lab': '0a1b' }
  const servers = [
    server('i-tagged', 'FlaskLoginServer-web-0a1b', ours),
    server('i-lost', 'FlaskLoginServer-web-0a1b'),
    server('i-remembered', 'default'),
    server('i-by-hand', 'default'),
  ]
  const databases = [
    database('tagged', 'flasklab-lab-0a1b', ours),
    database('lost', 'flasklab-lab-0a1b'),
    database('theirs', 'flasklab-lab-9f9f'),
  ]
  await using aws = await openAws({
    DescribeInstances: set('reservationSet', set('instancesSet', ...servers)),
    DescribeDBInstances: `<DBInstances>${databases.join('')}</DBInstances>`,
  })
  const found = await findUntagged(aws.clients, '0a1b', ['i-remembered'])
  expect(found).toMatchObject([
    { kind: 'server', id: 'i-lost' },
    { kind: 'server', id: 'i-remembered' },
    { kind: 'database', id: 'lost', arn: 'arn:lost' },
  ])
  expect(aws.asked('DescribeInstances')[0]).toMatchObject({
    'Filter.1.Name': 'key-name',
    'Filter.1.Value.1': 'flasklab-*-0a1b',
  })
})
