import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type IpPermission,
  ModifyInstanceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { createDatabase, instanceOf, launch, makeGroup, untilState } from '../lab.ts'
import type { TestCloud } from '../support.ts'
import { type Behaviour, ec2 } from './behaviour.ts'

const fromMyIp: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp: '203.0.113.7/32' }],
}
const fromGroup = (GroupId: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: 3306,
  ToPort: 3306,
  UserIdGroupPairs: [{ GroupId }],
})
const toAnywhere: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
const to10: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }

const makeWeb = (cloud: TestCloud) => makeGroup(cloud.ec2(), 'web')
const allow = (GroupId: string, ...IpPermissions: IpPermission[]) =>
  new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })
const remove = (GroupId: string) => new DeleteSecurityGroupCommand({ GroupId })

async function otherVpc(cloud: TestCloud): Promise<string> {
  const { Vpc } = await cloud.ec2().send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  return Vpc?.VpcId ?? ''
}

/** Two groups, of which the second lets the first in. */
async function makePair(cloud: TestCloud): Promise<{ server: string; database: string }> {
  const server = await makeGroup(cloud.ec2(), 'ec2-rds-1')
  const database = await makeGroup(cloud.ec2(), 'rds-ec2-1')
  await cloud.ec2().send(allow(database, fromGroup(server)))
  return { server, database }
}

async function launchIn(cloud: TestCloud, ...SecurityGroupIds: string[]): Promise<string> {
  const id = await launch(cloud.ec2(), { SecurityGroupIds })
  await untilState(cloud.ec2(), id, 'running')
  return id
}

async function rulesOf(cloud: TestCloud, groupId: string) {
  const Filters = [{ Name: 'group-id', Values: [groupId] }]
  const { SecurityGroupRules = [] } = await cloud
    .ec2()
    .send(new DescribeSecurityGroupRulesCommand({ Filters }))
  return SecurityGroupRules
}

export const securityGroupBehaviours: readonly Behaviour[] = [
  ec2({
    says: 'a new security group lets everything out and nothing in',
    given: makeWeb,
    ask: (id) => new DescribeSecurityGroupsCommand({ GroupIds: [id] }),
    aws: ({ SecurityGroups }) =>
      expect(SecurityGroups).toMatchObject([{ IpPermissions: [], IpPermissionsEgress: [toAnywhere] }]),
  }),
  ec2({
    says: 'the name of a group is taken once in its VPC, in whatever case',
    given: makeWeb,
    ask: () => new CreateSecurityGroupCommand({ GroupName: 'Web', Description: 'a test' }),
    aws: { code: 'InvalidGroup.Duplicate', message: /already exists for VPC 'vpc-0[0-9a-f]+'$/, status: 400 },
  }),
  ec2({
    says: 'the description of a group has no apostrophe',
    ask: () => new CreateSecurityGroupCommand({ GroupName: 'web', Description: "student's lab" }),
    aws: { code: 'InvalidParameterValue', status: 400 },
  }),
  ec2({
    says: 'the description of a rule has no letter beyond ASCII',
    given: makeWeb,
    ask: (id) => allow(id, { ...fromMyIp, IpRanges: [{ CidrIp: '203.0.113.7/32', Description: 'Renée' }] }),
    aws: { code: 'InvalidParameterValue', status: 400 },
  }),
  ec2({
    says: 'without a default VPC a group has to name its own',
    given: (cloud) => {
      Object.assign(cloud.cloud.region('us-east-1'), { vpcs: [], subnets: [], groups: [] })
    },
    ask: () => new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'a test' }),
    aws: {
      code: 'VPCIdNotSpecified',
      message: 'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
      status: 400,
    },
  }),
  ec2({
    says: 'each rule gets an id of its own',
    given: makeWeb,
    ask: (id) => allow(id, fromMyIp),
    aws: ({ SecurityGroupRules }, id) =>
      expect(SecurityGroupRules).toMatchObject([
        {
          SecurityGroupRuleId: expect.stringMatching(/^sgr-0[0-9a-f]{16}$/),
          GroupId: id,
          IsEgress: false,
          CidrIpv4: '203.0.113.7/32',
        },
      ]),
  }),
  ec2({
    says: 'a rule that exists is a duplicate',
    given: async (cloud) => {
      const id = await makeWeb(cloud)
      await cloud.ec2().send(allow(id, fromMyIp))
      return id
    },
    ask: (id) => allow(id, fromMyIp),
    aws: { code: 'InvalidPermission.Duplicate', message: /already exists$/, status: 400 },
  }),
  ec2({
    says: 'a rule can’t name a group that does not exist',
    given: makeWeb,
    ask: (id) => allow(id, fromGroup('sg-00000000000000000')),
    aws: { code: 'InvalidGroup.NotFound', status: 400 },
  }),
  ec2({
    says: 'a rule tells the group that it lets in, and whose it is',
    given: makePair,
    ask: ({ database }) => new DescribeSecurityGroupsCommand({ GroupIds: [database] }),
    aws: ({ SecurityGroups }, { server }) =>
      expect(SecurityGroups?.[0]?.IpPermissions).toMatchObject([
        { FromPort: 3306, UserIdGroupPairs: [{ GroupId: server, UserId: '123456789012' }] },
      ]),
  }),
  ec2({
    says: 'revoking a rule that is not there is no error in the default VPC, only named in the answer',
    given: makeWeb,
    ask: (GroupId) => new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [to10] }),
    aws: async ({ Return, UnknownIpPermissions }, id, cloud) => {
      expect(Return).toBe(true)
      expect(UnknownIpPermissions).toMatchObject([to10])
      expect(await rulesOf(cloud, id)).toMatchObject([{ CidrIpv4: '0.0.0.0/0' }])
    },
  }),
  ec2({
    says: 'revoking a rule that is not there is an error in any other VPC',
    given: async (cloud) => makeGroup(cloud.ec2(), 'web', await otherVpc(cloud)),
    ask: (GroupId) => new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [to10] }),
    aws: { code: 'InvalidPermission.NotFound', status: 400 },
  }),
  ec2({
    says: 'the rule that lets everything out is revoked by its id',
    given: async (cloud) => {
      const id = await makeWeb(cloud)
      const ruleIds = (await rulesOf(cloud, id)).map(({ SecurityGroupRuleId = '' }) => SecurityGroupRuleId)
      return { id, ruleIds }
    },
    ask: ({ id, ruleIds }) =>
      new RevokeSecurityGroupEgressCommand({ GroupId: id, SecurityGroupRuleIds: ruleIds }),
    aws: async ({ Return }, { id }, cloud) => {
      expect(Return).toBe(true)
      expect(await rulesOf(cloud, id)).toEqual([])
    },
  }),
  ec2({
    says: 'an unknown rule id is an error, in the default VPC too',
    given: makeWeb,
    ask: (GroupId) =>
      new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds: ['sgr-00000000000000000'] }),
    aws: { code: 'InvalidSecurityGroupRuleId.NotFound', status: 400 },
  }),
  ec2({
    says: 'a group that a rule of another group names is kept',
    given: makePair,
    ask: ({ server }) => remove(server),
    aws: {
      code: 'DependencyViolation',
      message: /^resource sg-0[0-9a-f]{16} has a dependent object$/,
      status: 400,
    },
  }),
  ec2({
    says: 'a group that a server carries is kept',
    given: async (cloud) => {
      const id = await makeWeb(cloud)
      await launchIn(cloud, id)
      return id
    },
    ask: remove,
    aws: { code: 'DependencyViolation' },
  }),
  ec2({
    says: 'a group is kept while its server is shutting down',
    given: async (cloud) => {
      const id = await makeWeb(cloud)
      const server = await launchIn(cloud, id)
      cloud.hold('time')
      await cloud.ec2().send(new TerminateInstancesCommand({ InstanceIds: [server] }))
      return id
    },
    ask: remove,
    aws: { code: 'DependencyViolation' },
  }),
  ec2({
    says: 'a group can go once its server is terminated',
    given: async (cloud) => {
      const id = await makeWeb(cloud)
      const server = await launchIn(cloud, id)
      await cloud.ec2().send(new TerminateInstancesCommand({ InstanceIds: [server] }))
      await untilState(cloud.ec2(), server, 'terminated')
      return id
    },
    ask: remove,
    aws: async (_answer, id, cloud) => {
      const Filters = [{ Name: 'group-id', Values: [id] }]
      const { SecurityGroups } = await cloud.ec2().send(new DescribeSecurityGroupsCommand({ Filters }))
      expect(SecurityGroups).toEqual([])
    },
  }),
  ec2({
    says: 'a group that a database carries is kept',
    given: async (cloud) => {
      const id = await makeWeb(cloud)
      await cloud.rds().send(createDatabase({ VpcSecurityGroupIds: [id] }))
      return id
    },
    ask: remove,
    aws: { code: 'DependencyViolation' },
  }),
  ec2({
    says: 'the default group can’t be deleted',
    ask: () => new DeleteSecurityGroupCommand({ GroupName: 'default' }),
    aws: { code: 'CannotDelete', status: 400 },
  }),
  ec2({
    says: 'a group that is gone is not found',
    ask: () => remove('sg-00000000000000000'),
    aws: {
      code: 'InvalidGroup.NotFound',
      message: "The security group 'sg-00000000000000000' does not exist",
      status: 400,
    },
  }),
  ec2({
    says: 'giving a server groups replaces all that it had',
    given: async (cloud) => {
      const [web, link] = [await makeWeb(cloud), await makeGroup(cloud.ec2(), 'link')]
      return { link, server: await launchIn(cloud, web) }
    },
    ask: ({ server, link }) => new ModifyInstanceAttributeCommand({ InstanceId: server, Groups: [link] }),
    aws: async (_answer, { server, link }, cloud) => {
      const { SecurityGroups } = await instanceOf(cloud.ec2(), server)
      expect(SecurityGroups).toEqual([{ GroupId: link, GroupName: 'link' }])
    },
  }),
  ec2({
    says: 'a server carries at most five groups',
    given: async (cloud) => {
      const names = ['one', 'two', 'three', 'four', 'five', 'six']
      const Groups = await Promise.all(names.map((name) => makeGroup(cloud.ec2(), name)))
      return { InstanceId: await launchIn(cloud, ...Groups.slice(0, 1)), Groups }
    },
    ask: (wish) => new ModifyInstanceAttributeCommand(wish),
    aws: { code: 'SecurityGroupsPerInterfaceLimitExceeded', status: 400 },
  }),
  ec2({
    says: 'a server can’t be given a group of another VPC',
    given: async (cloud) => ({
      InstanceId: await launchIn(cloud, await makeWeb(cloud)),
      Groups: [await makeGroup(cloud.ec2(), 'foreign', await otherVpc(cloud))],
    }),
    ask: (wish) => new ModifyInstanceAttributeCommand(wish),
    aws: {
      code: 'InvalidGroup.NotFound',
      message: 'You have specified two resources that belong to different networks.',
      status: 400,
    },
  }),
]
