import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Receipt } from '../../src/commands/receipt.ts'
import type { CloudState, GroupRule } from '../../src/practice/state.ts'
import { NOTHING, ONE_LAB, prepareFaults } from '../faults/fault-ground.ts'

// AWS says one thing at first, and another one turns out to be so.
const { student, plan, counts, cleanUp } = prepareFaults()

const UP = ['up', '--practice', '--yes', '--json']

afterEach(async () => {
  await cleanUp()
  expect(counts()).toEqual(NOTHING)
})

function region() {
  const state = JSON.parse(readFileSync(join(student().home, 'practice/cloud.json'), 'utf8')) as CloudState
  const found = state.regions['us-west-2']
  if (found === undefined) throw new Error('There is no region.')
  return found
}

/** All rules of the lab's groups, as the console would show them. */
function rules(): string[] {
  const text = (of: string, { direction, fromPort, peer }: GroupRule) =>
    `${of} ${direction} ${fromPort} ${peer.kind === 'cidr' ? peer.cidr : peer.kind}`
  return region()
    .groups.filter(({ name }) => name !== 'default')
    .flatMap((group) => group.rules.map((rule) => text(group.tags['flasklab:role'] ?? '', rule)))
    .toSorted()
}

const RULES = [
  'database ingress 3306 group',
  'link egress 3306 group',
  'web egress -1 0.0.0.0/0',
  'web ingress 22 203.0.113.7/32',
  'web ingress 5000 0.0.0.0/0',
]

const dies = (code: string, message: string) =>
  plan({ launches: { times: 1, reason: { code, message: `${code}: ${message}` } } })

describe('a launch that dies after it succeeded', () => {
  test('is told with AWS’s reason, and up again launches another server', async () => {
    await dies('Client.VolumeLimitExceeded', 'Volume limit exceeded')
    const died = await student().types(UP)
    const { error } = JSON.parse(died.stdout)
    const again = await student().types(UP)
    expect({ code: died.code, error, again: again.code, made: counts() }).toEqual({
      code: 1,
      error: {
        what: expect.stringMatching(/^The server i-\w+ ended while it was starting\.$/),
        why: 'Client.VolumeLimitExceeded: Volume limit exceeded',
        remedy: {
          say: expect.stringContaining('The account may have no more disks'),
          run: [
            'eval "$(flasklab practice env)"',
            'aws ec2 describe-volumes --region us-west-2',
            'flasklab up',
          ],
        },
      },
      again: 0,
      made: ONE_LAB,
    })
  })

  test('for want of the key of volumes is made good without encryption, in the same run', async () => {
    await dies('Client.InternalError', 'Client error on launch')
    const { code } = await student().types(UP)
    const disks = region().volumes.map(({ encrypted }) => encrypted)
    expect({ code, disks, made: counts() }).toEqual({ code: 0, disks: [false], made: ONE_LAB })
  })

  test('for want of room is made good in another zone, in the same run', async () => {
    await dies('Server.InsufficientInstanceCapacity', 'Insufficient capacity to satisfy instance request')
    const { code } = await student().types(UP)
    const zones = region().instances.map(({ zone }) => zone)
    expect({ code, made: counts() }).toEqual({ code: 0, made: ONE_LAB })
    expect(new Set(zones).size).toBe(2)
  })
})

test('a revocation that AWS only says it has done is asked for again', async () => {
  await plan({ requests: { actions: ['ec2:RevokeSecurityGroupEgress'], times: 2, how: 'pretended' } })
  const { code } = await student().types(UP)
  expect({ code, rules: rules() }).toEqual({ code: 0, rules: RULES })
})

describe('a resource that one look shows and the next does not', () => {
  test('makes nothing twice, leaves no rule too many, and is still a finished lab', async () => {
    await plan({ lag: 2_500 })
    const up = await student().types(UP)
    const again = await student().types(UP)
    expect({ up: up.code, again: again.code, made: counts(), rules: rules() }).toEqual({
      up: 0,
      again: 0,
      made: ONE_LAB,
      rules: RULES,
    })
    expect(region().groups.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['ec2-rds-1', 'rds-ec2-1']),
    )
    await plan({ lag: 2_500 })
    const cleanup = await student().types(['cleanup', '--yes', '--json'])
    const receipt = JSON.parse(cleanup.stdout) as Receipt
    expect({ left: receipt.left, clean: receipt.clean, of: counts() }).toEqual({
      left: [],
      clean: true,
      of: NOTHING,
    })
  })

  test('a launch that does not know yet the groups that were made for it is asked for again', async () => {
    const how = { code: 'InvalidGroup.NotFound', message: "The security group 'sg-1' does not exist" }
    await plan({ requests: { actions: ['ec2:RunInstances'], times: 2, how } })
    const up = await student().types(UP)
    expect({ up: up.code, made: counts() }).toEqual({ up: 0, made: ONE_LAB })
  })
})
