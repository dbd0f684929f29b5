import { expect, test } from 'vitest'
import { LabError } from '../../src/lab/finding.ts'
import type { Server } from '../../src/lab/lab.ts'
import type { LaunchSpec } from '../../src/lab/ports/servers.ts'
import { launchInstance } from '../../src/phases/1-launch-instance.ts'
import { type FakeWorld, fakeWorld, network, seen } from './fake-kit.ts'

// The table forgets which facts a phase needs and makes; this one needs the network and makes the server.
const make = async (world: FakeWorld) => launchInstance.make({ network }, world.kit)
const failureOf = (world: FakeWorld) =>
  make(world).then(
    () => undefined,
    (error: unknown) => (error instanceof LabError ? error.finding : error),
  )

const running = seen({})
const server: Server = { id: 'i-1', address: '203.0.113.99', vpcId: 'vpc-1', groupIds: ['sg-web', 'sg-link'] }
const noRoom = new LabError({ what: 'x', remedy: { say: 'y' } }, { code: 'no-room' })

test('the firewall and the key come first, then one launch, then the wait until it runs', async () => {
  using world = fakeWorld()
  const { launchServer } = world.kit.cloud
  const savedAtLaunch: unknown[] = []
  const cloud = {
    ...world.kit.cloud,
    launchServer: async (spec: LaunchSpec) => {
      savedAtLaunch.push(world.kit.record.value.launch)
      world.server = [seen({ state: 'pending', address: undefined }), seen({ address: undefined }), running]
      return launchServer(spec)
    },
  }
  expect(await launchInstance.make({ network }, { ...world.kit, cloud })).toEqual(server)
  expect(world.log.slice(-2)).toEqual(['key pair', 'launch in subnet-a'])
  const [launch] = world.launches
  expect(launch).toEqual({
    subnet: network.serverSubnets[0],
    groupIds: ['sg-web', 'sg-link'],
    token: expect.stringMatching(/^[0-9a-f-]{36}$/),
    encrypted: true,
  })
  expect(savedAtLaunch).toEqual([{ token: launch?.token, subnetId: 'subnet-a', encrypted: true }])
  expect(world.events.some((event) => event.kind === 'waiting')).toBe(true)
})

test('once the server runs its token is forgotten: AWS would answer with a server that has ended since', async () => {
  using world = fakeWorld({
    launchServer: async () => {
      world.server = [running]
      return 'i-1'
    },
  })
  await make(world)
  expect(world.kit.record.value.launch).toBeUndefined()
})

test('no second server is launched beside one that lost its tags, but one that is under way is asked for', async () => {
  using world = fakeWorld({
    findUntagged: async () => [{ kind: 'server', id: 'i-9', name: '' }],
    launchServer: async () => {
      world.server = [running]
      return 'i-1'
    },
  })
  expect(await failureOf(world)).toMatchObject({
    what: 'The server i-9 is this lab’s, by its key pair, and does not carry the lab’s tags any more.',
    remedy: {
      run: [
        `aws ec2 create-tags --resources i-9 --tags Key=Name,Value=FlaskLoginServer Key=flasklab:lab,Value=${world.kit.record.value.id} Key=flasklab:lab-name,Value=lab Key=flasklab:owner,Value= --region us-east-1`,
        'flasklab doctor',
      ],
    },
  })
  expect(world.kit.record.value.launch).toBeUndefined()
  world.kit.record.save({ launch: { token: 't', subnetId: 'subnet-a', encrypted: true } })
  expect(await make(world)).toEqual(server)
})

test('a server that runs is kept, and given the groups that it lacks', async () => {
  using world = fakeWorld()
  world.server = [seen({ groupIds: ['sg-own', 'sg-web'] })]
  expect(await make(world)).toEqual({ ...server, groupIds: ['sg-own', 'sg-web', 'sg-link'] })
  expect(world.launches).toEqual([])
  expect(world.log.at(-1)).toBe('groups of i-1: sg-own sg-web sg-link')
})

test('a stopped server is started', async () => {
  using world = fakeWorld()
  world.server = [seen({ state: 'stopped', address: undefined }), seen({ state: 'pending' }), running]
  expect(await make(world)).toEqual(server)
  expect(world.log).toContain('start i-1')
  expect(world.launches).toEqual([])
})

test('where a zone has no room the next one is tried, with a token of its own', async () => {
  const tried: LaunchSpec[] = []
  using world = fakeWorld({
    launchServer: async (spec) => {
      tried.push(spec)
      if (spec.subnet.id === 'subnet-a') throw noRoom
      world.server = [running]
      return 'i-1'
    },
  })
  await make(world)
  expect(tried.map((spec) => spec.subnet.id)).toEqual(['subnet-a', 'subnet-b'])
  expect(new Set(tried.map((spec) => spec.token)).size).toBe(2)
})

test('when no zone has room, the last one’s finding is told', async () => {
  using world = fakeWorld({ launchServer: () => Promise.reject(noRoom) })
  expect(await failureOf(world)).toBe(noRoom.finding)
})

test('another refusal is not tried elsewhere', async () => {
  let asked = 0
  using world = fakeWorld({
    launchServer: async () => {
      asked++
      throw new LabError({ what: 'The account’s limit is reached.', remedy: { say: 'z' } })
    },
  })
  expect(await failureOf(world)).toMatchObject({ what: 'The account’s limit is reached.' })
  expect(asked).toBe(1)
})

test('a launch that was cut off is asked for again where it was, with its token', async () => {
  const tried: LaunchSpec[] = []
  using world = fakeWorld({
    launchServer: async (spec) => {
      tried.push(spec)
      world.server = [running]
      return 'i-1'
    },
  })
  world.kit.record.save({ launch: { token: 'begun', subnetId: 'subnet-b', encrypted: true } })
  await make(world)
  expect(tried.map(({ subnet, token }) => `${subnet.id} ${token}`)).toEqual(['subnet-b begun'])
})

const ended = (stateReason: string) =>
  seen({ state: 'terminated', stateReason, address: undefined, vpcId: '', subnetId: '' })

test('an account without a right to the key of volumes gets one server without encryption, and is told', async () => {
  const tried: LaunchSpec[] = []
  using world = fakeWorld({
    launchServer: async (spec) => {
      tried.push(spec)
      world.server = [spec.encrypted ? ended('Client.InternalError: Client error on launch') : running]
      return `i-${tried.length}`
    },
  })
  expect(await make(world)).toEqual(server)
  expect(tried.map(({ subnet, encrypted }) => `${subnet.id} ${encrypted}`)).toEqual([
    'subnet-a true',
    'subnet-a false',
  ])
  expect(tried[0]?.token).not.toBe(tried[1]?.token)
  expect(world.events.filter((event) => event.kind === 'note')).toHaveLength(1)
})

test('a server that ended for want of room in its zone is launched in another, once', async () => {
  const tried: LaunchSpec[] = []
  const noCapacity = 'Server.InsufficientInstanceCapacity: Insufficient capacity to satisfy instance request'
  using world = fakeWorld({
    launchServer: async (spec) => {
      tried.push(spec)
      world.server = [ended(noCapacity)]
      return `i-${tried.length}`
    },
  })
  expect(await failureOf(world)).toMatchObject({ why: noCapacity })
  expect(tried.map(({ subnet }) => subnet.id)).toEqual(['subnet-a', 'subnet-b'])
  expect(new Set(tried.map(({ token }) => token)).size).toBe(2)
  expect(world.kit.record.value.launch).toBeUndefined()
})

test('a disk too many is told as that', async () => {
  using world = fakeWorld({
    launchServer: async () => {
      world.server = [ended('Client.VolumeLimitExceeded: Volume limit exceeded')]
      return 'i-1'
    },
  })
  expect(await failureOf(world)).toEqual({
    what: 'The server i-1 ended while it was starting.',
    why: 'Client.VolumeLimitExceeded: Volume limit exceeded',
    remedy: {
      say: 'The account may have no more disks: delete some that nobody needs, then launch another server.',
      run: ['aws ec2 describe-volumes --region us-east-1', 'flasklab up'],
    },
  })
})

const usedToken = new LabError({ what: 'x', remedy: { say: 'y' } }, { code: 'used-token' })

test('a token that another launch has used: its server is taken, as soon as AWS shows it', async () => {
  let launches = 0
  using world = fakeWorld({
    launchServer: async () => {
      launches++
      void world.clock.sleep(3_000).then(() => {
        world.server = [running]
      })
      throw usedToken
    },
  })
  expect(await make(world)).toEqual(server)
  expect(launches).toBe(1)
})

test('a token whose server never shows is replaced by another', async () => {
  const tokens: string[] = []
  using world = fakeWorld({
    launchServer: async (spec) => {
      tokens.push(spec.token)
      if (spec.token === 'used') throw usedToken
      world.server = [running]
      return 'i-1'
    },
  })
  world.kit.record.save({ launch: { token: 'used', subnetId: 'subnet-a', encrypted: true } })
  expect(await make(world)).toEqual(server)
  expect(tokens).toEqual(['used', expect.stringMatching(/^[0-9a-f-]{36}$/)])
})

test.each([
  ['Client.InvalidSnapshot.NotFound: x', 'Client.InvalidSnapshot.NotFound: x'],
  ['', 'AWS gave no reason.'],
])(
  'a server that ends while it starts (%j) is a finding, and its token is forgotten',
  async (reason, why) => {
    using world = fakeWorld({
      launchServer: async () => {
        world.server = [ended(reason)]
        return 'i-1'
      },
    })
    expect(await failureOf(world)).toEqual({
      what: 'The server i-1 ended while it was starting.',
      why,
      remedy: { say: 'Launch another one; this one needs no cleaning up.', run: ['flasklab up'] },
    })
    expect(world.kit.record.value.launch).toBeUndefined()
  },
)

test('without encryption it is not tried a third time', async () => {
  let launches = 0
  using world = fakeWorld({
    launchServer: async () => {
      launches++
      world.server = [ended('Client.InternalError: Client error on launch')]
      return 'i-1'
    },
  })
  expect(await failureOf(world)).toMatchObject({ why: 'Client.InternalError: Client error on launch' })
  expect(launches).toBe(2)
})

test('a server that runs without a public address is told as that, and not as one that does not run', async () => {
  using world = fakeWorld()
  world.server = [seen({ address: undefined })]
  expect(await failureOf(world)).toMatchObject({ what: 'The server i-1 runs but has no public address.' })
})

test('a server that stays pending is told so after five minutes', async () => {
  using world = fakeWorld()
  world.server = [seen({ state: 'pending' })]
  const begun = world.clock.now()
  expect(await failureOf(world)).toMatchObject({
    what: 'The server i-1 is still not running after 5 minutes.',
  })
  expect(world.clock.now() - begun).toBeLessThan(320_000)
})

test('the phase is done only when the server runs with both groups, and the firewall is whole', async () => {
  using world = fakeWorld()
  const find = () => launchInstance.find({ network }, world.kit)
  expect(await find()).toBeUndefined()
  world.server = [running]
  expect(await find()).toBeUndefined()
  await make(world)
  expect(await find()).toEqual(server)
  world.server = [seen({ groupIds: ['sg-web'] })]
  expect(await find()).toBeUndefined()
  world.server = [seen({ state: 'stopped' })]
  expect(await find()).toBeUndefined()
})
