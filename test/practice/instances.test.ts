import {
  DeleteVolumeCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  GetConsoleOutputCommand,
  ModifyInstanceAttributeCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { instanceOf, launch, makeGroup, untilState } from './lab.ts'
import { openCloud, refusal } from './support.ts'

test('a stopped server loses its public address and comes back under another one', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await launch(ec2)
  const before = await untilState(ec2, id, 'running')
  const { StoppingInstances } = await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }))
  expect(StoppingInstances).toEqual([
    {
      InstanceId: id,
      PreviousState: { Code: 16, Name: 'running' },
      CurrentState: { Code: 64, Name: 'stopping' },
    },
  ])
  const stopped = await untilState(ec2, id, 'stopped')
  expect(stopped).toMatchObject({
    PrivateIpAddress: before.PrivateIpAddress,
    StateReason: { Code: 'Client.UserInitiatedShutdown' },
  })
  expect(stopped.PublicIpAddress).toBeUndefined()
  await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))
  const after = await untilState(ec2, id, 'running')
  expect(after.PublicIpAddress).toMatch(/^198\.51\.100\./)
  expect(after.PublicIpAddress).not.toBe(before.PublicIpAddress)
  expect(after.PrivateIpAddress).toBe(before.PrivateIpAddress)
  expect(cloud.asked).toEqual([`boot ${id} no key`, `halt ${id}`, `boot ${id} no key`])
})

test('a server that cannot be started again is stopped, not gone', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await launch(ec2)
  await untilState(ec2, id, 'running')
  await ec2.send(new StopInstancesCommand({ InstanceIds: [id] }))
  await untilState(ec2, id, 'stopped')
  cloud.failNext('boot', 'bash is missing')
  await ec2.send(new StartInstancesCommand({ InstanceIds: [id] }))
  await until(
    'the reason is told',
    async () => (await instanceOf(ec2, id)).StateReason?.Message?.includes('bash') === true,
  )
  expect((await instanceOf(ec2, id)).State?.Name).toBe('stopped')
})

test('a terminated server stays visible with its tags but in no network, then disappears', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'Name', Value: 'x' }] }]
  const id = await launch(ec2, { TagSpecifications })
  await untilState(ec2, id, 'running')
  const goOn = cloud.hold('time')
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))
  expect((await instanceOf(ec2, id)).State?.Name).toBe('shutting-down')
  goOn()
  const corpse = await untilState(ec2, id, 'terminated')
  expect(corpse).toMatchObject({
    Tags: [{ Key: 'Name', Value: 'x' }],
    SecurityGroups: [],
    NetworkInterfaces: [],
  })
  expect([corpse.PublicIpAddress, corpse.PrivateIpAddress, corpse.VpcId]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([])
  expect((await ec2.send(new DescribeNetworkInterfacesCommand({}))).NetworkInterfaces).toEqual([])
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))
  await until('it is forgotten', async () =>
    (await refusal(instanceOf(ec2, id))).startsWith('InvalidInstanceID.NotFound'),
  )
})

test('a server terminated while it boots is destroyed also after its boot has ended', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const release = cloud.hold('boot')
  const id = await launch(ec2)
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))
  await untilState(ec2, id, 'terminated')
  release()
  await until(
    'it is destroyed twice',
    () => cloud.asked.filter((line) => line === `destroy ${id}`).length === 2,
  )
  expect((await instanceOf(ec2, id)).State?.Name).toBe('terminated')
})

test('a volume that outlives its server can be deleted, one in use not', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await launch(ec2, {
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { DeleteOnTermination: false } }],
  })
  const { Volumes: [volume] = [] } = await ec2.send(new DescribeVolumesCommand({}))
  const VolumeId = volume?.VolumeId ?? ''
  expect(await refusal(ec2.send(new DeleteVolumeCommand({ VolumeId })))).toBe(
    `VolumeInUse: Volume ${VolumeId} is currently attached to ${id}`,
  )
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))
  await untilState(ec2, id, 'terminated')
  const { Volumes: [left] = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: [VolumeId] }))
  expect(left?.State).toBe('available')
  await ec2.send(new DeleteVolumeCommand({ VolumeId }))
  expect(await refusal(ec2.send(new DeleteVolumeCommand({ VolumeId })))).toMatch(/^InvalidVolume.NotFound/)
})

test('a reboot keeps the state and the address', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await launch(ec2)
  const { PublicIpAddress } = await untilState(ec2, id, 'running')
  await ec2.send(new RebootInstancesCommand({ InstanceIds: [id] }))
  await until('it was booted again', () => cloud.asked.length === 3)
  expect(cloud.asked.slice(1)).toEqual([`halt ${id}`, `boot ${id} no key`])
  expect(await instanceOf(ec2, id)).toMatchObject({ State: { Name: 'running' }, PublicIpAddress })
})

test('a state that does not allow the change is refused, a state already reached is fine', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const start = cloud.hold('time')
  const id = await launch(ec2)
  const InstanceIds = [id]
  expect(await refusal(ec2.send(new StopInstancesCommand({ InstanceIds })))).toBe(
    `IncorrectInstanceState: The instance '${id}' is not in a state from which it can be stopped.`,
  )
  start()
  await untilState(ec2, id, 'running')
  const { StartingInstances } = await ec2.send(new StartInstancesCommand({ InstanceIds }))
  expect(StartingInstances?.[0]?.CurrentState?.Name).toBe('running')
  const stop = cloud.hold('time')
  await ec2.send(new StopInstancesCommand({ InstanceIds }))
  expect(await refusal(ec2.send(new StartInstancesCommand({ InstanceIds })))).toMatch(
    /^IncorrectInstanceState: .*started/,
  )
  expect(await refusal(ec2.send(new RebootInstancesCommand({ InstanceIds })))).toMatch(
    /^IncorrectInstanceState/,
  )
  stop()
})

test('one unknown id refuses the whole request', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const id = await launch(ec2)
  const terminate = (...InstanceIds: string[]) =>
    refusal(ec2.send(new TerminateInstancesCommand({ InstanceIds })))
  expect(await terminate(id, 'i-00000000000000000', 'i-00000000000000001')).toBe(
    "InvalidInstanceID.NotFound: The instance IDs 'i-00000000000000000, i-00000000000000001' do not exist",
  )
  expect(await terminate('server')).toBe(
    'InvalidInstanceID.Malformed: Invalid id: "server" (expecting "i-...")',
  )
  expect((await instanceOf(ec2, id)).State?.Name).not.toBe('shutting-down')
})

test('a server protected from termination is not terminated', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const InstanceId = await launch(ec2)
  const protect = (Value: boolean) =>
    ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, DisableApiTermination: { Value } }))
  await protect(true)
  const Attribute = 'disableApiTermination'
  expect(await ec2.send(new DescribeInstanceAttributeCommand({ InstanceId, Attribute }))).toMatchObject({
    DisableApiTermination: { Value: true },
  })
  expect(await refusal(ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] })))).toMatch(
    /^OperationNotPermitted: .*'disableApiTermination'/,
  )
  await protect(false)
  await ec2.send(new TerminateInstancesCommand({ InstanceIds: [InstanceId] }))
})

test('new groups replace the whole list, of the server or of its interface', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const [web, link] = [await makeGroup(ec2, 'web'), await makeGroup(ec2, 'link')]
  const InstanceId = await launch(ec2, { SecurityGroupIds: [web] })
  const groups = async () => (await instanceOf(ec2, InstanceId)).SecurityGroups?.map(({ GroupId }) => GroupId)
  await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, Groups: [link] }))
  expect(await groups()).toEqual([link])
  const NetworkInterfaceId = (await instanceOf(ec2, InstanceId)).NetworkInterfaces?.[0]?.NetworkInterfaceId
  await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [web, link] }))
  expect(await groups()).toEqual([web, link])
  const unknown = ec2.send(
    new ModifyInstanceAttributeCommand({ InstanceId, Groups: ['sg-00000000000000000'] }),
  )
  expect(await refusal(unknown)).toMatch(/^InvalidGroup.NotFound/)
})

test('the console speaks once the server runs', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const goOn = cloud.hold('time')
  const InstanceId = await launch(ec2)
  const read = async () => (await ec2.send(new GetConsoleOutputCommand({ InstanceId, Latest: true }))).Output
  expect(await read()).toBeUndefined()
  goOn()
  await untilState(ec2, InstanceId, 'running')
  expect(Buffer.from((await read()) ?? '', 'base64').toString()).toBe(`console of ${InstanceId}\r\n`)
})

test('status checks pass a while after the server runs, and only running servers have them', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const goOn = cloud.hold('time')
  const id = await launch(ec2)
  expect((await ec2.send(new DescribeInstanceStatusCommand({}))).InstanceStatuses).toEqual([])
  const status = async () =>
    (await ec2.send(new DescribeInstanceStatusCommand({ IncludeAllInstances: true }))).InstanceStatuses?.[0]
  expect((await status())?.InstanceStatus?.Status).toBe('not-applicable')
  goOn()
  await untilState(ec2, id, 'running')
  await until('its checks pass', async () => (await status())?.InstanceStatus?.Status === 'ok')
})

test('servers are found by state and tag, and in pages', async () => {
  await using cloud = await openCloud()
  const ec2 = cloud.ec2()
  const tagged = (Value: string) => [{ ResourceType: 'instance' as const, Tags: [{ Key: 'lab', Value }] }]
  for (const name of ['one', 'two', 'three', 'two-b', 'x', 'y'])
    await launch(ec2, { TagSpecifications: tagged(name) })
  const find = async (Name: string, ...Values: string[]) => {
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name, Values }] }),
    )
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ Tags }) => Tags?.[0]?.Value))
  }
  expect(await find('tag:lab', 'two*')).toEqual(['two', 'two-b'])
  expect(await find('tag:lab', '?', 'three')).toEqual(['three', 'x', 'y'])
  expect(await find('tag:lab', '\\?')).toEqual([])
  expect(await find('tag-key', 'lab')).toHaveLength(6)
  expect(await find('instance-state-name', 'terminated', 'stopped')).toEqual([])
  expect(await refusal(find('colour', 'red'))).toBe("InvalidParameterValue: The filter 'colour' is invalid")
  expect(await refusal(find('__proto__', 'red'))).toBe(
    "InvalidParameterValue: The filter '__proto__' is invalid",
  )

  const first = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5 }))
  const rest = await ec2.send(new DescribeInstancesCommand({ MaxResults: 5, NextToken: first.NextToken }))
  expect([first.Reservations?.length, rest.Reservations?.length, rest.NextToken]).toEqual([5, 1, undefined])
  const both = new DescribeInstancesCommand({ MaxResults: 5, InstanceIds: ['i-00000000000000000'] })
  expect(await refusal(ec2.send(both))).toMatch(/^InvalidParameterCombination/)
})
