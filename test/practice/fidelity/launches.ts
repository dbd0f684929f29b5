import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeVolumesCommand,
  type Instance,
  type RunInstancesCommandInput,
  type Tag,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { IMAGE, instanceOf, launch, makeGroup, runInstances, untilState } from '../lab.ts'
import type { TestCloud } from '../support.ts'
import { type Behaviour, ec2 } from './behaviour.ts'

const Tags: Tag[] = [{ Key: 'flasklab:lab', Value: 'one' }]
const Filters = [{ Name: 'tag:flasklab:lab', Values: ['one'] }]
const tagged: Partial<RunInstancesCommandInput> = {
  TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map((ResourceType) => ({
    ResourceType,
    Tags,
  })),
}
const once: Partial<RunInstancesCommandInput> = { ClientToken: 'once' }

const onlyOne = ({ Instances: [instance = {}] = [] }: { Instances?: Instance[] | undefined }) => instance

function subnetIn(cloud: TestCloud, zone: string): string {
  return cloud.cloud.region('us-east-1').subnets.find((subnet) => subnet.zone === zone)?.id ?? ''
}

/** A subnet as in a course's shared VPC: it gives no public addresses. */
async function privateSubnet(cloud: TestCloud): Promise<string> {
  const CidrBlock = '172.31.240.0/20'
  const VpcId = cloud.cloud.region('us-east-1').vpcs[0]?.id
  const { Subnet } = await cloud.ec2().send(new CreateSubnetCommand({ VpcId, CidrBlock }))
  return Subnet?.SubnetId ?? ''
}

async function addressOf(cloud: TestCloud, { InstanceId = '' }: Instance): Promise<string | undefined> {
  const { PublicIpAddress } = await untilState(cloud.ec2(), InstanceId, 'running')
  return PublicIpAddress
}

export const launchBehaviours: readonly Behaviour[] = [
  ec2({
    says: 'a dry run that would succeed is refused as one',
    ask: () => runInstances({ DryRun: true }),
    aws: {
      code: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
      status: 412,
    },
  }),
  ec2({
    says: 'a new instance is pending',
    given: (cloud) => {
      cloud.hold('time')
    },
    ask: () => runInstances(),
    aws: (answer) => {
      expect(answer.ReservationId).toMatch(/^r-0[0-9a-f]{16}$/)
      expect(onlyOne(answer)).toMatchObject({
        InstanceId: expect.stringMatching(/^i-0[0-9a-f]{16}$/),
        State: { Code: 0, Name: 'pending' },
      })
    },
  }),
  ec2({
    says: 'a pending instance runs after a while, with a public address and its name',
    given: async (cloud) => (await untilState(cloud.ec2(), await launch(cloud.ec2()), 'running')).InstanceId,
    ask: (id = '') => new DescribeInstancesCommand({ InstanceIds: [id] }),
    aws: ({ Reservations: [reservation = {}] = [] }) => {
      const { State, PublicIpAddress = '', PublicDnsName } = onlyOne(reservation)
      expect(State).toEqual({ Code: 16, Name: 'running' })
      expect(PublicIpAddress).toMatch(/^\d+\.\d+\.\d+\.\d+$/)
      expect(PublicDnsName).toBe(`ec2-${PublicIpAddress.replaceAll('.', '-')}.compute-1.amazonaws.com`)
    },
  }),
  ec2({
    says: 'a launch that was accepted can still end terminated, with the reason',
    given: async (cloud) => {
      cloud.failNext('boot', 'no room')
      const id = await launch(cloud.ec2())
      await untilState(cloud.ec2(), id, 'terminated')
      return id
    },
    ask: (id) => new DescribeInstancesCommand({ InstanceIds: [id] }),
    aws: ({ Reservations: [reservation = {}] = [] }) =>
      expect(onlyOne(reservation).StateReason).toEqual({
        Code: expect.stringMatching(/^(Server|Client)\.InternalError$/),
        Message: expect.stringMatching(/^(Server|Client)\.InternalError: /),
      }),
  }),
  ec2({
    says: 'a launch tags its instance',
    ask: () => runInstances(tagged),
    aws: (answer) => expect(onlyOne(answer).Tags).toEqual(Tags),
  }),
  ec2({
    says: 'a launch tags its volume',
    given: (cloud) => launch(cloud.ec2(), tagged),
    ask: () => new DescribeVolumesCommand({ Filters }),
    aws: ({ Volumes }, InstanceId) =>
      expect(Volumes).toMatchObject([{ Tags, Attachments: [{ InstanceId, DeleteOnTermination: true }] }]),
  }),
  ec2({
    says: 'a launch tags its network interface',
    given: (cloud) => launch(cloud.ec2(), tagged),
    ask: () => new DescribeNetworkInterfacesCommand({ Filters }),
    aws: ({ NetworkInterfaces }, InstanceId) =>
      expect(NetworkInterfaces).toMatchObject([{ TagSet: Tags, Attachment: { InstanceId } }]),
  }),
  ec2({
    says: 'a launch tags only what it creates',
    ask: () => runInstances({ TagSpecifications: [{ ResourceType: 'vpc', Tags }] }),
    aws: {
      code: 'InvalidParameterValue',
      message: "'vpc' is not a valid taggable resource type for this operation.",
      status: 400,
    },
  }),
  ec2({
    says: 'the same token with the same parameters launches nothing new',
    given: async (cloud) =>
      (await untilState(cloud.ec2(), await launch(cloud.ec2(), once), 'running')).InstanceId,
    ask: () => runInstances(once),
    aws: async (answer, InstanceId, cloud) => {
      expect(onlyOne(answer)).toMatchObject({ InstanceId, State: { Name: 'running' } })
      const { Reservations } = await cloud.ec2().send(new DescribeInstancesCommand({}))
      expect(Reservations).toHaveLength(1)
    },
  }),
  ec2({
    says: 'the same token with other parameters is refused',
    given: (cloud) => launch(cloud.ec2(), once),
    ask: () => runInstances({ ...once, InstanceType: 't3.small' }),
    aws: { code: 'IdempotentParameterMismatch', status: 400 },
  }),
  ec2({
    says: 'the same token in another subnet launches another instance',
    given: async (cloud) => {
      const first = await launch(cloud.ec2(), { ...once, SubnetId: subnetIn(cloud, 'us-east-1a') })
      return { first, SubnetId: subnetIn(cloud, 'us-east-1b') }
    },
    ask: ({ SubnetId }) => runInstances({ ...once, SubnetId }),
    aws: (answer, { first, SubnetId }) => {
      expect(onlyOne(answer).SubnetId).toBe(SubnetId)
      expect(onlyOne(answer).InstanceId).not.toBe(first)
    },
  }),
  ec2({
    says: 'a launch has to name an image',
    ask: () => runInstances({ ImageId: undefined }),
    aws: { code: 'MissingParameter', status: 400 },
  }),
  ec2({
    says: 'a launch takes the image that a parameter of Systems Manager names',
    ask: () => runInstances({ ImageId: IMAGE }),
    aws: (answer) => expect(onlyOne(answer).ImageId).toMatch(/^ami-0[0-9a-f]{16}$/),
  }),
  ec2({
    says: 'an image that does not exist is not found',
    ask: () => runInstances({ ImageId: 'ami-00000000000000000' }),
    aws: {
      code: 'InvalidAMIID.NotFound',
      message: "The image id '[ami-00000000000000000]' does not exist",
      status: 400,
    },
  }),
  ec2({
    says: 'what is no image id is malformed',
    ask: () => runInstances({ ImageId: 'al2023' }),
    aws: { code: 'InvalidAMIID.Malformed', status: 400 },
  }),
  ec2({
    says: 'a server can’t be launched with a key pair that is not there',
    ask: () => runInstances({ KeyName: 'vockey' }),
    aws: { code: 'InvalidKeyPair.NotFound', message: "The key pair 'vockey' does not exist", status: 400 },
  }),
  ec2({
    says: 'a server can’t be launched with a group that is not there',
    ask: () => runInstances({ SecurityGroupIds: ['sg-00000000000000000'] }),
    aws: { code: 'InvalidGroup.NotFound', status: 400 },
  }),
  ec2({
    says: 'a server can’t be launched with a group of another VPC than its subnet’s',
    given: async (cloud) => {
      const { Vpc } = await cloud.ec2().send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
      return makeGroup(cloud.ec2(), 'foreign', Vpc?.VpcId)
    },
    ask: (id) => runInstances({ SecurityGroupIds: [id] }),
    aws: {
      code: 'InvalidParameter',
      message: /^Security group sg-0[0-9a-f]+ and subnet subnet-0[0-9a-f]+ belong to different networks\.$/,
      status: 400,
    },
  }),
  ec2({
    says: 'a server can’t be launched into a subnet that is not there',
    ask: () => runInstances({ SubnetId: 'subnet-00000000000000000' }),
    aws: {
      code: 'InvalidSubnetID.NotFound',
      message: "The subnet ID 'subnet-00000000000000000' does not exist",
      status: 400,
    },
  }),
  ec2({
    says: 'without subnets in the default VPC a launch has to name one',
    given: (cloud) => {
      Object.assign(cloud.cloud.region('us-east-1'), { subnets: [] })
    },
    ask: () => runInstances(),
    aws: { code: 'MissingInput', message: /^No subnets found for the default VPC/, status: 400 },
  }),
  ec2({
    says: 'an old zone does not have the type',
    given: (cloud) => subnetIn(cloud, 'us-east-1e'),
    ask: (SubnetId) => runInstances({ SubnetId }),
    aws: {
      code: 'Unsupported',
      message:
        /^Your requested instance type \(t3\.micro\) is not supported in your requested Availability Zone \(us-east-1e\)\. Please retry your request by not specifying an Availability Zone or choosing us-east-1a, /,
      status: 400,
    },
  }),
  ec2({
    says: 'the groups of a launch are named with its network interface or without one, not both',
    given: (cloud) => makeGroup(cloud.ec2(), 'web'),
    ask: (id) => runInstances({ NetworkInterfaces: [{ DeviceIndex: 0 }], SecurityGroupIds: [id] }),
    aws: {
      code: 'InvalidParameterCombination',
      message:
        'Network interfaces and an instance-level security groups may not be specified on the same request',
      status: 400,
    },
  }),
  ec2({
    says: 'a subnet that gives no public addresses makes a server without one',
    given: privateSubnet,
    ask: (SubnetId) => runInstances({ SubnetId }),
    aws: async (answer, _subnet, cloud) => expect(await addressOf(cloud, onlyOne(answer))).toBeUndefined(),
  }),
  ec2({
    says: 'a launch can ask for a public address where the subnet gives none',
    given: privateSubnet,
    ask: (SubnetId) =>
      runInstances({ NetworkInterfaces: [{ DeviceIndex: 0, SubnetId, AssociatePublicIpAddress: true }] }),
    aws: async (answer, _subnet, cloud) =>
      expect(await addressOf(cloud, onlyOne(answer))).toMatch(/^\d+\.\d+\.\d+\.\d+$/),
  }),
  ec2({
    says: 'a device that is not the image’s root is a second volume',
    given: (cloud) =>
      launch(cloud.ec2(), { BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 30 } }] }),
    ask: (id) => new DescribeInstancesCommand({ InstanceIds: [id] }),
    aws: ({ Reservations: [reservation = {}] = [] }) => {
      const { RootDeviceName, BlockDeviceMappings } = onlyOne(reservation)
      expect(RootDeviceName).toBe('/dev/xvda')
      expect(BlockDeviceMappings?.map(({ DeviceName }) => DeviceName)).toEqual(['/dev/xvda', '/dev/sda1'])
    },
  }),
  ec2({
    says: 'the root volume goes with its server',
    given: async (cloud) => {
      const id = await launch(cloud.ec2())
      const { BlockDeviceMappings } = await instanceOf(cloud.ec2(), id)
      await cloud.ec2().send(new TerminateInstancesCommand({ InstanceIds: [id] }))
      await untilState(cloud.ec2(), id, 'terminated')
      return BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? ''
    },
    ask: (id) => new DescribeVolumesCommand({ VolumeIds: [id] }),
    aws: { code: 'InvalidVolume.NotFound', status: 400 },
  }),
  ec2({
    says: 'a server keeps to the metadata options of its launch',
    ask: () => runInstances({ MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 } }),
    aws: (answer) =>
      expect(onlyOne(answer).MetadataOptions).toMatchObject({
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 1,
        HttpEndpoint: 'enabled',
      }),
  }),
]
