import { expect, test } from 'vitest'
import { addRule, createGroup, findGroups, removeRules } from '../../src/aws/groups.ts'
import { ensureKeyPair } from '../../src/aws/key-pairs.ts'
import type { GroupRule } from '../../src/lab/ports/groups.ts'
import type { FirewallRule } from '../../src/net/firewall.ts'
import { fields, openAws, refusal, set, tagSet } from './scripted-aws.ts'

const lab = { id: '0a1b', name: 'lab', owner: 'AIDA1' }
const ok = '<return>true</return>'

function group(groupId: string, role: string): string {
  return (
    fields({ groupId, groupName: `name of ${groupId}`, vpcId: 'vpc-1' }) +
    tagSet({ 'flasklab:lab': '0a1b', 'flasklab:role': role })
  )
}

test('the lab’s groups come with their rules, each rule as it is', async () => {
  const rule = (values: Record<string, string | number | boolean>, more = '') =>
    fields({ groupId: 'sg-1', ...values }) + more
  await using aws = await openAws({
    DescribeSecurityGroups: set('securityGroupInfo', group('sg-1', 'web'), group('sg-2', 'somebody’s own')),
    DescribeSecurityGroupRules: set(
      'securityGroupRuleSet',
      rule({
        securityGroupRuleId: 'r1',
        isEgress: false,
        ipProtocol: 'tcp',
        fromPort: 22,
        toPort: 22,
        cidrIpv4: '203.0.113.7/32',
        description: 'SSH',
      }),
      rule({
        securityGroupRuleId: 'r2',
        isEgress: true,
        ipProtocol: '-1',
        fromPort: -1,
        toPort: -1,
        cidrIpv6: '::/0',
      }),
      rule({
        securityGroupRuleId: 'r3',
        isEgress: false,
        ipProtocol: 'tcp',
        fromPort: 22,
        toPort: 22,
        prefixListId: 'pl-1',
      }),
      rule(
        { securityGroupRuleId: 'r4', isEgress: false, ipProtocol: 'tcp', fromPort: 3306, toPort: 3306 },
        `<referencedGroupInfo>${fields({ groupId: 'sg-9' })}</referencedGroupInfo>`,
      ),
    ),
  })
  const base = { protocol: 'tcp', description: '' }
  expect(await findGroups(aws.clients, lab, 'vpc-1')).toEqual([
    {
      id: 'sg-1',
      name: 'name of sg-1',
      role: 'web',
      rules: [
        {
          ...base,
          id: 'r1',
          direction: 'ingress',
          fromPort: 22,
          toPort: 22,
          peer: { kind: 'cidr', cidr: '203.0.113.7/32' },
          description: 'SSH',
        },
        {
          ...base,
          id: 'r2',
          direction: 'egress',
          protocol: '-1',
          fromPort: -1,
          toPort: -1,
          peer: { kind: 'cidr', cidr: '::/0' },
        },
        {
          ...base,
          id: 'r3',
          direction: 'ingress',
          fromPort: 22,
          toPort: 22,
          peer: { kind: 'prefix-list', prefixListId: 'pl-1' },
        },
        {
          ...base,
          id: 'r4',
          direction: 'ingress',
          fromPort: 3306,
          toPort: 3306,
          peer: { kind: 'group', groupId: 'sg-9' },
        },
      ],
    },
  ])
  expect(aws.asked('DescribeSecurityGroupRules')).toEqual([
    { 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-1' },
  ])
})

test('where there are no groups, nobody is asked for rules', async () => {
  await using aws = await openAws({ DescribeSecurityGroups: set('securityGroupInfo') })
  expect(await findGroups(aws.clients, lab, 'vpc-1')).toEqual([])
  expect(aws.requests).toHaveLength(1)
})

/** As a look by its name finds it. */
function owned(groupId: string, labId: string): string {
  return set('securityGroupInfo', fields({ groupId }) + tagSet({ 'flasklab:lab': labId }))
}

test('a group whose making AWS has answered, but nobody has heard, is the lab’s own', async () => {
  await using aws = await openAws({
    CreateSecurityGroup: refusal('InvalidGroup.Duplicate', 'The security group already exists.'),
    // Not every look shows at once what was made just now.
    DescribeSecurityGroups: [set('securityGroupInfo'), owned('sg-1', '0a1b')],
  })
  const spec = { role: 'link', name: 'ec2-rds-1', description: 'd', vpcId: 'vpc-1' } as const
  expect(await createGroup(aws.clients, lab, spec)).toBe('sg-1')
  expect(aws.asked('DescribeSecurityGroups')[1]).toEqual({
    'Filter.1.Name': 'group-name',
    'Filter.1.Value.1': 'ec2-rds-1',
    'Filter.2.Name': 'vpc-id',
    'Filter.2.Value.1': 'vpc-1',
  })
})

const rulesSeen = (...ids: string[]) =>
  set(
    'securityGroupRuleSet',
    ...ids.map((securityGroupRuleId) => fields({ groupId: 'sg-1', securityGroupRuleId })),
  )
const toRemove = (...ids: string[]) => ids.map((id) => ({ id, direction: 'ingress' }) as GroupRule)

test('a rule that is gone already does not keep the others', async () => {
  await using aws = await openAws({
    RevokeSecurityGroupIngress: [
      refusal('InvalidSecurityGroupRuleId.NotFound', "The security group rule ID 'r1' does not exist"),
      ok,
    ],
    DescribeSecurityGroupRules: [rulesSeen('r2'), rulesSeen()],
  })
  await removeRules(aws.clients, 'sg-1', toRemove('r1', 'r2'))
  expect(aws.asked('RevokeSecurityGroupIngress')).toMatchObject([
    { 'SecurityGroupRuleId.1': 'r1', 'SecurityGroupRuleId.2': 'r2' },
    { 'SecurityGroupRuleId.1': 'r2' },
  ])
})

test('a revocation that AWS only says it has done is asked for again', async () => {
  const said = `<return>true</return>${set('unknownIpPermissionSet', fields({ ipProtocol: '-1' }))}`
  await using aws = await openAws({
    RevokeSecurityGroupIngress: said,
    DescribeSecurityGroupRules: [rulesSeen('r1'), rulesSeen('r1'), rulesSeen()],
  })
  await removeRules(aws.clients, 'sg-1', toRemove('r1'))
  expect(aws.asked('RevokeSecurityGroupIngress')).toHaveLength(3)
})

test('a rule that stays whatever AWS says ends in a finding', { timeout: 40_000 }, async () => {
  await using aws = await openAws({
    RevokeSecurityGroupIngress: ok,
    DescribeSecurityGroupRules: rulesSeen('r1', 'r2'),
  })
  await expect(removeRules(aws.clients, 'sg-1', toRemove('r2'))).rejects.toMatchObject({
    finding: { what: 'AWS says that rules of sg-1 are taken back, and goes on showing them: r2.' },
  })
})

test('a group is tagged as it is made; a name that is taken is an answer', async () => {
  await using aws = await openAws({
    CreateSecurityGroup: [
      fields({ groupId: 'sg-1' }),
      refusal('InvalidGroup.Duplicate', 'The security group already exists.'),
    ],
    DescribeSecurityGroups: owned('sg-9', 'another'),
  })
  const spec = { role: 'link', name: 'ec2-rds-1', description: 'd', vpcId: 'vpc-1' } as const
  expect(await createGroup(aws.clients, lab, spec)).toBe('sg-1')
  expect(await createGroup(aws.clients, lab, spec)).toBeUndefined()
  expect(aws.asked('CreateSecurityGroup')[0]).toMatchObject({
    GroupName: 'ec2-rds-1',
    GroupDescription: 'd',
    VpcId: 'vpc-1',
    'TagSpecification.1.ResourceType': 'security-group',
    'TagSpecification.1.Tag.1.Value': 'ec2-rds-1',
    'TagSpecification.1.Tag.2.Key': 'flasklab:role',
    'TagSpecification.1.Tag.2.Value': 'link',
    'TagSpecification.1.Tag.3.Key': 'flasklab:lab',
    'TagSpecification.1.Tag.3.Value': '0a1b',
  })
})

const rule = (change: Partial<FirewallRule>): FirewallRule => ({
  direction: 'ingress',
  protocol: 'tcp',
  fromPort: 3306,
  toPort: 3306,
  peer: { kind: 'group', groupId: 'sg-9' },
  ...change,
})
const tcp = {
  'IpPermissions.1.IpProtocol': 'tcp',
  'IpPermissions.1.FromPort': '3306',
  'IpPermissions.1.ToPort': '3306',
}

test.each([
  [
    'a group',
    rule({}),
    'AuthorizeSecurityGroupIngress',
    { ...tcp, 'IpPermissions.1.Groups.1.GroupId': 'sg-9', 'IpPermissions.1.Groups.1.Description': 'why' },
  ],
  [
    'a group, outwards',
    rule({ direction: 'egress' }),
    'AuthorizeSecurityGroupEgress',
    { ...tcp, 'IpPermissions.1.Groups.1.GroupId': 'sg-9', 'IpPermissions.1.Groups.1.Description': 'why' },
  ],
  [
    'a block',
    rule({ peer: { kind: 'cidr', cidr: '203.0.113.7/32' } }),
    'AuthorizeSecurityGroupIngress',
    {
      ...tcp,
      'IpPermissions.1.IpRanges.1.CidrIp': '203.0.113.7/32',
      'IpPermissions.1.IpRanges.1.Description': 'why',
    },
  ],
  [
    'a prefix list',
    rule({ peer: { kind: 'prefix-list', prefixListId: 'pl-1' } }),
    'AuthorizeSecurityGroupIngress',
    {
      ...tcp,
      'IpPermissions.1.PrefixListIds.1.PrefixListId': 'pl-1',
      'IpPermissions.1.PrefixListIds.1.Description': 'why',
    },
  ],
  [
    'everything, to everyone',
    rule({ protocol: '-1', fromPort: -1, toPort: -1, peer: { kind: 'cidr', cidr: '0.0.0.0/0' } }),
    'AuthorizeSecurityGroupIngress',
    {
      'IpPermissions.1.IpProtocol': '-1',
      'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0',
      'IpPermissions.1.IpRanges.1.Description': 'why',
    },
  ],
])('a rule for %s is asked for as such', async (_, one, action, expected) => {
  await using aws = await openAws({ [action]: ok })
  await addRule(aws.clients, 'sg-1', one, 'why')
  expect(aws.asked(action)).toEqual([{ GroupId: 'sg-1', ...expected }])
})

test('a rule that exists is as good as one made now; a group that is too young is asked again', async () => {
  await using aws = await openAws({
    AuthorizeSecurityGroupIngress: [refusal('InvalidGroup.NotFound'), refusal('InvalidPermission.Duplicate')],
  })
  await addRule(aws.clients, 'sg-1', rule({}), '')
  expect(aws.asked('AuthorizeSecurityGroupIngress')).toHaveLength(2)
})

test('a rule that is refused for another reason is an error', async () => {
  await using aws = await openAws({
    AuthorizeSecurityGroupIngress: refusal('RulesPerSecurityGroupLimitExceeded'),
  })
  await expect(addRule(aws.clients, 'sg-1', rule({}), '')).rejects.toMatchObject({
    cause: { Code: 'RulesPerSecurityGroupLimitExceeded' },
  })
})

test('rules are taken back by their ids, each direction by its own request', async () => {
  await using aws = await openAws({
    RevokeSecurityGroupIngress: ok,
    RevokeSecurityGroupEgress: ok,
    DescribeSecurityGroupRules: rulesSeen(),
  })
  const seen = (id: string, direction: GroupRule['direction']): GroupRule => ({
    ...rule({ direction }),
    id,
    description: '',
  })
  await removeRules(aws.clients, 'sg-1', [seen('r1', 'ingress'), seen('r2', 'egress'), seen('r3', 'egress')])
  await removeRules(aws.clients, 'sg-1', [])
  expect(aws.requests.map(({ Version: _version, ...request }) => request)).toEqual([
    { Action: 'RevokeSecurityGroupIngress', GroupId: 'sg-1', 'SecurityGroupRuleId.1': 'r1' },
    {
      Action: 'RevokeSecurityGroupEgress',
      GroupId: 'sg-1',
      'SecurityGroupRuleId.1': 'r2',
      'SecurityGroupRuleId.2': 'r3',
    },
    { Action: 'DescribeSecurityGroupRules', 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-1' },
  ])
})

const line = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPKSUTyz1HwHReFVvD5obVsALAgJRNarH4TRpNePnAS flasklab-lab'

test('the public key is handed over once, encoded once', async () => {
  await using aws = await openAws({
    DescribeKeyPairs: set('keySet'),
    ImportKeyPair: fields({ keyPairId: 'key-1' }),
  })
  await ensureKeyPair(aws.clients, lab, 'flasklab-lab-0a1b', line)
  const [asked = {}] = aws.asked('ImportKeyPair')
  expect(Buffer.from(asked['PublicKeyMaterial'] ?? '', 'base64').toString()).toBe(line)
  expect(asked).toMatchObject({ KeyName: 'flasklab-lab-0a1b', 'TagSpecification.1.ResourceType': 'key-pair' })
})

test('a key pair that is there, or was made meanwhile, is kept', async () => {
  await using there = await openAws({ DescribeKeyPairs: set('keySet', fields({ keyName: 'k' })) })
  await ensureKeyPair(there.clients, lab, 'k', line)
  expect(there.requests).toHaveLength(1)
  await using meanwhile = await openAws({
    DescribeKeyPairs: set('keySet'),
    ImportKeyPair: refusal('InvalidKeyPair.Duplicate'),
  })
  await ensureKeyPair(meanwhile.clients, lab, 'k', line)
  expect(meanwhile.requests).toHaveLength(2)
})

test('a key pair whose private half was lost is replaced, as it would open no server', async () => {
  const other = line.replace('AIGPK', 'AIGPL')
  const pair = (key: string) => set('keySet', fields({ keyName: 'k', publicKey: key }))
  await using same = await openAws({ DescribeKeyPairs: pair(line.replace('flasklab-lab', 'elsewhere')) })
  await ensureKeyPair(same.clients, lab, 'k', line)
  expect(same.requests).toHaveLength(1)
  await using aws = await openAws({
    DescribeKeyPairs: pair(other),
    DeleteKeyPair: fields({ return: 'true' }),
    ImportKeyPair: fields({ keyPairId: 'key-1' }),
  })
  await ensureKeyPair(aws.clients, lab, 'k', line)
  expect(aws.requests.map(({ Action }) => Action)).toEqual([
    'DescribeKeyPairs',
    'DeleteKeyPair',
    'ImportKeyPair',
  ])
})
