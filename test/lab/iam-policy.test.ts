import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { JSON_REQUESTS } from '../../src/aws/json-requests.ts'
import { iamPolicy, OWN_ID, type Statement } from '../../src/lab/iam-policy.ts'
import { namesFor } from '../../src/lab/names.ts'

const src = fileURLToPath(new URL('../../src', import.meta.url))

/** Rights that AWS asks for besides the requests that flasklab sends, and the request that needs each. */
const ASKED_ALONG: Readonly<Record<string, string>> = {
  'iam:CreateServiceLinkedRole': 'rds:CreateDBInstance',
  // `resolve:ssm:`
  'ssm:GetParameters': 'ec2:RunInstances',
  // AWS's knowledge centre, "least privileges required for a user to perform creates", lists them.
  'ec2:DescribeAccountAttributes': 'rds:CreateDBInstance',
  'ec2:DescribeAvailabilityZones': 'rds:CreateDBInstance',
  'ec2:DescribeVpcAttribute': 'rds:CreateDBInstance',
}

const allowed = new Set(iamPolicy.Statement.flatMap(({ Action }) => Action))

/** `ec2:RunInstances` for each command and paginator that is taken from the SDK, and the few requests without one. */
function requestsTaken(): string[] {
  const text = readFileSync(join(src, 'aws/sdk.ts'), 'utf8')
  const commands = [...text.matchAll(/export \{([^}]*)\} from '@aws-sdk\/client-(\w+)'/g)].flatMap(
    ([, names = '', service]) =>
      [...names.matchAll(/\b(?:paginate(\w+)|(\w+)Command)\b/g)].map(
        ([, listed, asked]) => `${service}:${listed ?? asked}`,
      ),
  )
  return [...new Set([...commands, ...Object.keys(JSON_REQUESTS)])]
}

test('it allows each request that the code can make, and nothing that nobody asks for', () => {
  const taken = requestsTaken()
  expect(taken).toContain('rds:CreateDBInstance')
  expect([...allowed].toSorted()).toEqual([...taken, ...Object.keys(ASKED_ALONG)].toSorted())
  expect(Object.values(ASKED_ALONG).filter((request) => !taken.includes(request))).toEqual([])
})

test('outside of the practice cloud and its drills nothing but sdk.ts takes commands from the SDK', () => {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !['practice', 'drills'].some((room) => file.startsWith(join(src, room))))
  const takers = files.filter((file) =>
    /^(?:import|export)(?! type)[^'\n]*(?:\n[^'\n]*)*? from '@aws-sdk\//m.test(readFileSync(file, 'utf8')),
  )
  expect(takers).toEqual([join(src, 'aws/sdk.ts')])
})

test('it fits into one managed policy, and each statement has a name of its own', () => {
  // AWS counts no white space.
  expect(JSON.stringify(iamPolicy).length).toBeLessThan(6_144)
  const names = iamPolicy.Statement.map(({ Sid }) => Sid)
  expect(new Set(names).size).toBe(names.length)
  expect(names.filter((name) => !/^[A-Za-z0-9]+$/.test(name))).toEqual([])
})

/** A request as IAM sees it: one action on one resource, and what is known around it. */
interface Asked {
  readonly action: string
  readonly resource: string
  readonly context: Readonly<Record<string, string>>
}

const ME = 'AROAEXAMPLE:renee'

/** As far as the policy goes: equality of what is there, or of what may be missing. */
function isAllowed({ action, resource, context }: Asked): boolean {
  const holds = (operator: string, key: string, wanted: string | readonly string[]) => {
    const values = [wanted].flat().map((value) => value.replace(OWN_ID, ME))
    const actual = context[key]
    if (actual === undefined) return operator !== 'StringEquals'
    return values.includes(actual)
  }
  const covers = ({ Action, Resource, Condition = {} }: Statement) =>
    Action.includes(action) &&
    Resource.some((pattern) => matches(pattern, resource)) &&
    Object.entries(Condition).every(([operator, pairs]) =>
      Object.entries(pairs).every(([key, wanted]) => holds(operator, key, wanted)),
    )
  return iamPolicy.Statement.some(covers)
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${escaped}$`).test(text)
}

const ec2 = (what: string) => `arn:aws:ec2:eu-west-1:123456789012:${what}`
const rds = (what: string) => `arn:aws:rds:eu-west-1:123456789012:${what}`
const owned = (owner: string) => ({ 'aws:ResourceTag/flasklab:owner': owner })
const tagged = (owner: string) => ({ 'aws:RequestTag/flasklab:owner': owner })
const names = namesFor({ name: 'second', id: '0123456789' })[2]

describe('a request of a lab', () => {
  test.each([
    ['ec2:RunInstances', ec2('instance/*'), { ...tagged(ME), 'ec2:InstanceType': 't3.micro' }],
    ['ec2:RunInstances', ec2('volume/*'), tagged(ME)],
    ['ec2:RunInstances', ec2('network-interface/*'), tagged(ME)],
    ['ec2:RunInstances', ec2('subnet/subnet-1'), {}],
    ['ec2:RunInstances', ec2('security-group/sg-1'), owned(ME)],
    ['ec2:RunInstances', ec2(`key-pair/${names.keyPair}`), owned(ME)],
    ['ec2:RunInstances', 'arn:aws:ec2:eu-west-1::image/ami-1', { 'ec2:Owner': 'amazon' }],
    [
      'ssm:GetParameters',
      'arn:aws:ssm:eu-west-1::parameter/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64',
      {},
    ],
    ['ec2:CreateSecurityGroup', ec2('vpc/vpc-1'), {}],
    ['ec2:CreateSecurityGroup', ec2('security-group/*'), tagged(ME)],
    ['ec2:CreateTags', ec2('volume/*'), { ...tagged(ME), 'ec2:CreateAction': 'RunInstances' }],
    ['ec2:CreateTags', ec2('instance/i-1'), { ...owned(ME), 'aws:TagKeys': 'flasklab:host-key' }],
    ['ec2:CreateTags', ec2('volume/vol-1'), { ...owned(ME), 'aws:TagKeys': 'flasklab:expires' }],
    ['rds:AddTagsToResource', rds('db:flaskdb'), { ...owned(ME), 'aws:TagKeys': 'flasklab:expires' }],
    ['ec2:RevokeSecurityGroupIngress', ec2('security-group-rule/sgr-1'), {}],
    ['ec2:TerminateInstances', ec2('instance/i-1'), owned(ME)],
    [
      'rds:CreateDBInstance',
      rds(`db:${names.database}`),
      { ...tagged(ME), 'rds:DatabaseClass': 'db.t4g.micro', 'rds:DatabaseEngine': 'mysql' },
    ],
    ['rds:CreateDBInstance', rds(`subgrp:${names.subnetGroup}`), tagged(ME)],
    ['rds:CreateDBInstance', rds('og:default:mysql-8-4'), tagged(ME)],
    ['rds:AddTagsToResource', rds(`db:${names.database}`), tagged(ME)],
    ['rds:AddTagsToResource', rds(`db:${names.database}`), { ...tagged(ME), ...owned(ME) }],
    ['rds:DeleteDBInstance', rds(`db:${names.database}`), owned(ME)],
    ['rds:DeleteDBSubnetGroup', rds(`subgrp:${names.subnetGroup}`), owned(ME)],
  ])('is allowed: %s on %s', (action, resource, context) => {
    expect(isAllowed({ action, resource, context })).toBe(true)
  })
})

describe('a resource that is not the student’s own', () => {
  const OTHER = 'AROAEXAMPLE:karim'

  test.each([
    ['ec2:TerminateInstances', ec2('instance/i-1'), owned(OTHER)],
    ['ec2:TerminateInstances', ec2('instance/i-1'), {}],
    ['ec2:RunInstances', ec2('instance/*'), { ...tagged(OTHER), 'ec2:InstanceType': 't3.micro' }],
    ['ec2:RunInstances', ec2('instance/*'), { ...tagged(ME), 'ec2:InstanceType': 'p5.48xlarge' }],
    ['ec2:RunInstances', ec2('instance/*'), { 'ec2:InstanceType': 't3.micro' }],
    ['ec2:RunInstances', ec2('security-group/sg-1'), owned(OTHER)],
    ['ec2:RunInstances', 'arn:aws:ec2:eu-west-1::image/ami-1', { 'ec2:Owner': 'aws-marketplace' }],
    ['ec2:CreateTags', ec2('instance/i-1'), { ...owned(OTHER), 'aws:TagKeys': 'flasklab:host-key' }],
    ['ec2:CreateTags', ec2('instance/i-1'), { ...owned(ME), 'aws:TagKeys': 'flasklab:owner' }],
    ['ec2:AuthorizeSecurityGroupIngress', ec2('security-group/sg-1'), owned(OTHER)],
    ['rds:AddTagsToResource', rds(`db:${names.database}`), { ...tagged(ME), ...owned(OTHER) }],
    ['rds:AddTagsToResource', rds('db:flaskdb'), { ...owned(OTHER), 'aws:TagKeys': 'flasklab:expires' }],
    ['rds:DeleteDBSnapshot', rds('snapshot:theirs'), owned(OTHER)],
    ['rds:ModifyDBInstance', rds(`db:${names.database}`), owned(OTHER)],
    ['rds:DeleteDBInstance', rds('db:production'), {}],
    ['rds:DeleteDBSubnetGroup', rds(`subgrp:${names.subnetGroup}`), owned(OTHER)],
    ['iam:CreateServiceLinkedRole', 'arn:aws:iam::123456789012:role/x', {}],
  ])('is refused: %s on %s (%j)', (action, resource, context) => {
    expect(isAllowed({ action, resource, context })).toBe(false)
  })
})
