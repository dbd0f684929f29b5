import { expect, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import { ensureFirewall, findFirewall } from '../../src/phases/security-groups.ts'
import { type FakeWorld, fakeWorld, network, text } from './fake-kit.ts'

const ALL = ['web', 'link', 'database'] as const

const ids = { web: 'sg-web', link: 'sg-link', database: 'sg-database' }

function rulesOf(world: FakeWorld): Record<string, string[]> {
  return Object.fromEntries(world.groups.map(({ role, rules }) => [role, rules.map(text).toSorted()]))
}

const wanted = {
  web: ['egress all 0.0.0.0/0', 'ingress 22 203.0.113.7/32', 'ingress 5000 0.0.0.0/0'],
  link: ['egress 3306 sg-database'],
  database: ['ingress 3306 sg-link'],
}

test('three groups are made, with the rules that the lab needs and no others', async () => {
  using world = fakeWorld()
  expect(await ensureFirewall(network, world.kit)).toEqual(ids)
  expect(rulesOf(world)).toEqual(wanted)
  expect(world.groups.map((group) => group.name)).toEqual(['FlaskLoginServer', 'ec2-rds-1', 'rds-ec2-1'])
  expect(await findFirewall(network, world.kit, ALL)).toEqual(ids)
})

test('a second time nothing is changed', async () => {
  using world = fakeWorld()
  await ensureFirewall(network, world.kit)
  world.log.length = 0
  await ensureFirewall(network, world.kit)
  expect(world.log).toEqual([])
})

test('where a name is taken, the next number is, as the console does it', async () => {
  const taken = ['ec2-rds-1', 'ec2-rds-2']
  using world = fakeWorld()
  const { createGroup } = world.kit.cloud
  const cloud = {
    ...world.kit.cloud,
    createGroup: async (spec: Parameters<typeof createGroup>[0]) =>
      taken.includes(spec.name) ? undefined : createGroup(spec),
  }
  await ensureFirewall(network, { ...world.kit, cloud })
  expect(world.groups.map((group) => group.name)).toEqual(['FlaskLoginServer', 'ec2-rds-3', 'rds-ec2-1'])
})

test('where the one name of the web group is taken, it is a finding', async () => {
  using world = fakeWorld({ createGroup: async () => undefined })
  const error = await ensureFirewall(network, world.kit).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(LabError)
  expect((error as LabError).message).toBe(
    'No name is free for the security group "FlaskLoginServer" in vpc-1.',
  )
})

test('when my address has changed, the new one is let in and the former one no longer', async () => {
  using world = fakeWorld()
  await ensureFirewall(network, world.kit)
  const elsewhere = { ...world.kit, myAddress: async () => '198.51.100.4' }
  expect(await findFirewall(network, elsewhere, ALL)).toBeUndefined()
  await ensureFirewall(network, elsewhere)
  expect(rulesOf(world)['web']).toEqual([
    'egress all 0.0.0.0/0',
    'ingress 22 198.51.100.4/32',
    'ingress 5000 0.0.0.0/0',
  ])
})

test('who may open the site can be narrowed: it is not open to everyone any more', async () => {
  using world = fakeWorld()
  await ensureFirewall(network, world.kit)
  world.kit.record.save({ allowFrom: '198.51.100.0/24' })
  expect(await findFirewall(network, world.kit, ALL)).toBeUndefined()
  await ensureFirewall(network, world.kit)
  expect(rulesOf(world)['web']).toEqual([
    'egress all 0.0.0.0/0',
    'ingress 22 203.0.113.7/32',
    'ingress 5000 198.51.100.0/24',
  ])
})

test('--ssh-from is used as it is, and my address is not even asked for', async () => {
  using world = fakeWorld({}, { myAddress: () => Promise.reject(new Error('not asked')) })
  world.kit.record.save({ sshFrom: '198.51.100.0/24' })
  await ensureFirewall(network, world.kit)
  expect(rulesOf(world)['web']).toContain('ingress 22 198.51.100.0/24')
})

test('rules that the student added stay', async () => {
  using world = fakeWorld()
  await ensureFirewall(network, world.kit)
  const peer = { kind: 'cidr', cidr: '198.51.100.9/32' } as const
  const own = { direction: 'ingress', protocol: 'tcp', fromPort: 22, toPort: 22, peer } as const
  await world.kit.cloud.addRule('sg-web', own, 'my office')
  await ensureFirewall(network, world.kit)
  expect(rulesOf(world)['web']).toContain('ingress 22 198.51.100.9/32')
})

/** Takes the rules off the database's group. */
function takeRules({ groups }: FakeWorld): void {
  groups.push(...groups.splice(2, 1).map((group) => ({ ...group, rules: [] })))
}

test.each([
  ['a group', (world: FakeWorld) => void world.groups.pop()],
  ['a rule', takeRules],
])('when %s is gone, the firewall is not complete, and is made whole again', async (_, damage) => {
  using world = fakeWorld()
  await ensureFirewall(network, world.kit)
  damage(world)
  expect(await findFirewall(network, world.kit, ALL)).toBeUndefined()
  await ensureFirewall(network, world.kit)
  expect(rulesOf(world)).toEqual(wanted)
})

test('a rule that is put back is told of, with where it belongs; rules of a new group are not', async () => {
  using world = fakeWorld()
  await ensureFirewall(network, world.kit)
  expect(world.steps()).toEqual([])
  takeRules(world)
  await ensureFirewall(network, world.kit)
  expect(world.steps()).toEqual(['sg-database lacked a rule, which is added: tcp 3306 in from sg-link'])
})

test('who asks for some of the groups is not kept by a rule that another one lacks', async () => {
  using world = fakeWorld()
  const ids = await ensureFirewall(network, world.kit)
  takeRules(world)
  expect(await findFirewall(network, world.kit, ['web'])).toEqual(ids)
  expect(await findFirewall(network, world.kit, ['link', 'database'])).toBeUndefined()
})
