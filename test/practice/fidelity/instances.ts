import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  DescribeSecurityGroupsCommand,
  GetConsoleOutputCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  type Tag,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { launch, makeGroup, untilState } from '../lab.ts'
import type { TestCloud } from '../support.ts'
import { type Behaviour, ec2 } from './behaviour.ts'

const Tags: Tag[] = [{ Key: 'Name', Value: 'FlaskLoginServer' }]
const UNKNOWN = 'i-00000000000000000'
const described = (id: string) => new DescribeInstancesCommand({ InstanceIds: [id] })

async function runningServer(cloud: TestCloud): Promise<string> {
  const id = await launch(cloud.ec2(), { TagSpecifications: [{ ResourceType: 'instance', Tags }] })
  await untilState(cloud.ec2(), id, 'running')
  return id
}

async function terminatedServer(cloud: TestCloud): Promise<string> {
  const id = await runningServer(cloud)
  await cloud.ec2().send(new TerminateInstancesCommand({ InstanceIds: [id] }))
  await untilState(cloud.ec2(), id, 'terminated')
  return id
}

async function stoppedServer(cloud: TestCloud): Promise<{ id: string; address: string | undefined }> {
  const id = await runningServer(cloud)
  const { PublicIpAddress: address } = await untilState(cloud.ec2(), id, 'running')
  await cloud.ec2().send(new StopInstancesCommand({ InstanceIds: [id] }))
  await untilState(cloud.ec2(), id, 'stopped')
  return { id, address }
}

/** With the default group there are seven, whom one page of five can't hold. */
async function sixGroups(cloud: TestCloud): Promise<void> {
  for (const name of ['one', 'two', 'three', 'four', 'five', 'six']) await makeGroup(cloud.ec2(), name)
}

const page = { MaxResults: 5 }

export const instanceBehaviours: readonly Behaviour[] = [
  ec2({
    says: 'an instance that does not exist is not found',
    ask: () => described(UNKNOWN),
    aws: {
      code: 'InvalidInstanceID.NotFound',
      message: `The instance ID '${UNKNOWN}' does not exist`,
      status: 400,
    },
  }),
  ec2({
    says: 'what is no instance id is malformed',
    ask: () => described('FlaskLoginServer'),
    aws: { code: 'InvalidInstanceID.Malformed', message: /^Invalid id: "FlaskLoginServer"/, status: 400 },
  }),
  ec2({
    says: 'a pending instance has nothing on its console yet',
    given: (cloud) => {
      cloud.hold('time')
      return launch(cloud.ec2())
    },
    ask: (InstanceId) => new GetConsoleOutputCommand({ InstanceId, Latest: true }),
    aws: ({ InstanceId, Output }, id) => {
      expect(InstanceId).toBe(id)
      expect(Output).toBeUndefined()
    },
  }),
  ec2({
    says: 'terminating answers with the state before and the state now',
    given: runningServer,
    ask: (id) => new TerminateInstancesCommand({ InstanceIds: [id] }),
    aws: ({ TerminatingInstances }, InstanceId) =>
      expect(TerminatingInstances).toEqual([
        {
          InstanceId,
          PreviousState: { Code: 16, Name: 'running' },
          CurrentState: { Code: 32, Name: 'shutting-down' },
        },
      ]),
  }),
  ec2({
    says: 'a terminated instance stays visible, with its tags and without an address',
    given: terminatedServer,
    ask: described,
    aws: ({ Reservations }) => {
      const [{ State, Tags: tags, PublicIpAddress, SecurityGroups } = {}] = Reservations?.[0]?.Instances ?? []
      expect(State).toEqual({ Code: 48, Name: 'terminated' })
      expect(tags).toEqual(Tags)
      expect(PublicIpAddress).toBeUndefined()
      expect(SecurityGroups).toEqual([])
    },
  }),
  ec2({
    says: 'a filter by state leaves terminated instances out',
    given: terminatedServer,
    ask: () =>
      new DescribeInstancesCommand({
        Filters: [
          { Name: 'tag:Name', Values: ['FlaskLoginServer'] },
          { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
        ],
      }),
    aws: ({ Reservations }) => expect(Reservations).toEqual([]),
  }),
  ec2({
    says: 'terminating a second time succeeds',
    given: terminatedServer,
    ask: (id) => new TerminateInstancesCommand({ InstanceIds: [id] }),
    aws: ({ TerminatingInstances }) =>
      expect(TerminatingInstances).toMatchObject([{ CurrentState: { Name: 'terminated' } }]),
  }),
  ec2({
    says: 'a terminated instance does not start again',
    given: terminatedServer,
    ask: (id) => new StartInstancesCommand({ InstanceIds: [id] }),
    aws: { code: 'IncorrectInstanceState', status: 400 },
  }),
  ec2({
    says: 'a stopped instance has lost its public address',
    given: stoppedServer,
    ask: ({ id }) => described(id),
    aws: ({ Reservations }) => {
      const [instance] = Reservations?.[0]?.Instances ?? []
      expect(instance?.State).toEqual({ Code: 80, Name: 'stopped' })
      expect(instance?.PublicIpAddress).toBeUndefined()
    },
  }),
  ec2({
    says: 'an instance that starts again has another public address',
    given: stoppedServer,
    ask: ({ id }) => new StartInstancesCommand({ InstanceIds: [id] }),
    aws: async ({ StartingInstances }, { id, address }, cloud) => {
      expect(StartingInstances).toMatchObject([{ CurrentState: { Name: 'pending' } }])
      const { PublicIpAddress } = await untilState(cloud.ec2(), id, 'running')
      expect(PublicIpAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
      expect(PublicIpAddress).not.toBe(address)
    },
  }),
  ec2({
    says: 'a page of instances has at least five',
    ask: () => new DescribeInstancesCommand({ MaxResults: 1 }),
    aws: {
      code: 'InvalidParameterValue',
      message: 'Value ( 1 ) for parameter maxResults is invalid. Expecting a value greater than 5.',
      status: 400,
    },
  }),
  ec2({
    says: 'instances asked for by id don’t come in pages',
    given: (cloud) => launch(cloud.ec2()),
    ask: (id) => new DescribeInstancesCommand({ InstanceIds: [id], ...page }),
    aws: {
      code: 'InvalidParameterCombination',
      message: 'The parameter instancesSet cannot be used with the parameter maxResults',
      status: 400,
    },
  }),
  ec2({
    says: 'a page that is not the last has a token',
    given: sixGroups,
    ask: () => new DescribeSecurityGroupsCommand(page),
    aws: ({ SecurityGroups, NextToken }) => {
      expect(SecurityGroups).toHaveLength(5)
      expect(NextToken).toMatch(/./)
    },
  }),
  ec2({
    says: 'the token of a page brings the rest, and the last page has none',
    given: async (cloud) => {
      await sixGroups(cloud)
      return (await cloud.ec2().send(new DescribeSecurityGroupsCommand(page))).NextToken
    },
    ask: (NextToken) => new DescribeSecurityGroupsCommand({ ...page, NextToken }),
    aws: ({ SecurityGroups, NextToken }) => {
      expect(SecurityGroups).toHaveLength(2)
      // The command line leaves out what the SDK answers as empty.
      expect(NextToken ?? '').toBe('')
    },
  }),
  ec2({
    says: 'an unknown filter is invalid',
    ask: () => new DescribeInstancesCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] }),
    aws: { code: 'InvalidParameterValue', message: "The filter 'colour' is invalid", status: 400 },
  }),
  ec2({
    says: 'the value of a filter may have wildcards',
    given: runningServer,
    ask: () => new DescribeInstancesCommand({ Filters: [{ Name: 'tag:Name', Values: ['Flask*Serve?'] }] }),
    aws: ({ Reservations }, InstanceId) =>
      expect(Reservations).toMatchObject([{ Instances: [{ InstanceId }] }]),
  }),
  ec2({
    says: 'tags can’t be given to an instance that does not exist',
    ask: () => new CreateTagsCommand({ Resources: [UNKNOWN], Tags }),
    aws: { code: 'InvalidInstanceID.NotFound', status: 400 },
  }),
]
