import {
  AuthorizeSecurityGroupIngressCommand,
  CreateKeyPairCommand,
  CreateTagsCommand,
  DeleteKeyPairCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2'
import {
  AddTagsToResourceCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  ModifyDBInstanceCommand,
  RDSClient,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { has, practiceVariables, runs, type Student } from './student.ts'

/** The practice cloud as any AWS client sees it, with none of flasklab's code between. */
export interface PlainCloud {
  /** The ids of all there is but what AWS gives with an account. */
  everything(): Promise<string[]>
  /** The same, asked by the `aws` command line; none where this machine has none. */
  everythingByCommandLine(): Promise<string[]>
  stopServers(): Promise<unknown>
  terminateServers(): Promise<unknown>
  stopDatabases(): Promise<unknown>
  protectDatabases(): Promise<unknown>
  deleteDatabases(): Promise<unknown>
  deleteKeys(): Promise<unknown>
  /** A key pair with these tags; its id. */
  makeKey(name: string, tags: Readonly<Record<string, string>>, region?: string): Promise<string>
  /** A file of AWS settings that leads a lab on AWS here. */
  settings: string
  /** Puts a tag to all that carries this lab's name. */
  tag(lab: string, key: string, value: string): Promise<unknown>
  revokeRules(isMeant: () => boolean): Promise<unknown>
  /** A rule of the VPC's default group that names this group. */
  nameInDefaultGroup(
    name: string,
  ): Promise<{ readonly id: string; readonly groupId: string; revoke(): Promise<unknown> }>
}

export async function openCloudAsAnyone(of: Student): Promise<PlainCloud> {
  const variables = await practiceVariables(of)
  const { AWS_ENDPOINT_URL: endpoint = '', AWS_REGION: region = '' } = variables
  const credentials = {
    accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '',
  }
  const ec2 = new EC2Client({ endpoint, region, credentials })
  const rds = new RDSClient({ endpoint, region, credentials })

  const servers = async () => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}))
    return Reservations.flatMap(({ Instances = [] }) => Instances)
      .filter(({ State }) => State?.Name !== 'terminated')
      .map(({ InstanceId = '' }) => InstanceId)
  }
  const groups = async () =>
    (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups?.filter(
      ({ GroupName }) => GroupName !== 'default',
    ) ?? []
  const keys = async () => (await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs ?? []
  const databases = async () =>
    ((await rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? []).map(
      ({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier,
    )
  const eachDatabase = (work: (DBInstanceIdentifier: string) => Promise<unknown>) =>
    unlessItCanNot(async () => Promise.all((await databases()).map(work)))

  return {
    async everything() {
      const [volumes, interfaces, addresses, subnetGroups, snapshots, backups] = await Promise.all([
        ec2.send(new DescribeVolumesCommand({})),
        ec2.send(new DescribeNetworkInterfacesCommand({})),
        ec2.send(new DescribeAddressesCommand({})),
        rds.send(new DescribeDBSubnetGroupsCommand({})),
        rds.send(new DescribeDBSnapshotsCommand({})),
        rds.send(new DescribeDBInstanceAutomatedBackupsCommand({})),
      ])
      // RDS's own interfaces go with their databases, and carry nobody's tags.
      const own = interfaces.NetworkInterfaces?.filter(({ RequesterManaged }) => !RequesterManaged)
      return [
        ...(await servers()),
        ...(await groups()).map(({ GroupId = '' }) => GroupId),
        ...(await keys()).map(({ KeyPairId = '' }) => KeyPairId),
        ...(await databases()),
        ...(volumes.Volumes ?? []).map(({ VolumeId = '' }) => VolumeId),
        ...(own ?? []).map(({ NetworkInterfaceId = '' }) => NetworkInterfaceId),
        ...(addresses.Addresses ?? []).map(({ AllocationId = '' }) => AllocationId),
        ...(subnetGroups.DBSubnetGroups ?? []).map(({ DBSubnetGroupName = '' }) => DBSubnetGroupName),
        ...(snapshots.DBSnapshots ?? []).map(({ DBSnapshotIdentifier = '' }) => DBSnapshotIdentifier),
        ...(backups.DBInstanceAutomatedBackups ?? []).map(({ DbiResourceId = '' }) => DbiResourceId),
      ]
    },
    async everythingByCommandLine() {
      if (!has('aws')) return []
      const environment = { ...of.environment, ...variables }
      const answers = await Promise.all(
        QUESTIONS.map(async (question) => {
          const words = [...question.split(' '), '--output', 'text', '--endpoint-url', endpoint]
          const { code, stdout, stderr } = await runs('aws', words, environment)
          if (code !== 0) throw new Error(`aws ${question}: ${stderr}`)
          return stdout.split(/\s+/).filter((word) => word !== '')
        }),
      )
      return answers.flat()
    },
    stopServers: () =>
      unlessItCanNot(async () => ec2.send(new StopInstancesCommand({ InstanceIds: await servers() }))),
    terminateServers: () =>
      unlessItCanNot(async () => ec2.send(new TerminateInstancesCommand({ InstanceIds: await servers() }))),
    stopDatabases: () =>
      eachDatabase((id) => rds.send(new StopDBInstanceCommand({ DBInstanceIdentifier: id }))),
    protectDatabases: () =>
      eachDatabase((id) =>
        rds.send(
          new ModifyDBInstanceCommand({
            DBInstanceIdentifier: id,
            DeletionProtection: true,
            ApplyImmediately: true,
          }),
        ),
      ),
    deleteDatabases: () =>
      eachDatabase((id) =>
        rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true })),
      ),
    deleteKeys: async () => {
      for (const { KeyPairId } of await keys()) await ec2.send(new DeleteKeyPairCommand({ KeyPairId }))
    },
    makeKey: async (KeyName, tags, there = region) => {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
      const TagSpecifications = [{ ResourceType: 'key-pair' as const, Tags }]
      const client = there === region ? ec2 : new EC2Client({ endpoint, region: there, credentials })
      const { KeyPairId = '' } = await client.send(new CreateKeyPairCommand({ KeyName, TagSpecifications }))
      return KeyPairId
    },
    settings: [
      '[default]',
      `endpoint_url = ${endpoint}`,
      `region = ${region}`,
      `aws_access_key_id = ${credentials.accessKeyId}`,
      `aws_secret_access_key = ${credentials.secretAccessKey}`,
      '',
    ].join('\n'),
    async tag(lab, Key, Value) {
      const Filters = [{ Name: 'value', Values: [lab] }]
      const { Tags: present = [] } = await ec2.send(new DescribeTagsCommand({ Filters }))
      const Resources = present.map(({ ResourceId = '' }) => ResourceId)
      const Tags = [{ Key, Value }]
      await ec2.send(new CreateTagsCommand({ Resources, Tags }))
      const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}))
      for (const { DBInstanceArn: ResourceName, TagList = [] } of DBInstances) {
        if (TagList.some((each) => each.Value === lab))
          await rds.send(new AddTagsToResourceCommand({ ResourceName, Tags }))
      }
    },
    async revokeRules(isMeant) {
      for (const { GroupId = '' } of await groups()) {
        const Filters = [{ Name: 'group-id', Values: [GroupId] }]
        const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }))
        for (const { SecurityGroupRuleId = '', IsEgress } of SecurityGroupRules.filter(isMeant)) {
          const input = { GroupId, SecurityGroupRuleIds: [SecurityGroupRuleId] }
          if (IsEgress) await ec2.send(new RevokeSecurityGroupEgressCommand(input))
          else await ec2.send(new RevokeSecurityGroupIngressCommand(input))
        }
      }
    },
    async nameInDefaultGroup(name) {
      const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}))
      const idOf = (wanted: string) =>
        SecurityGroups.find(({ GroupName }) => GroupName === wanted)?.GroupId ?? ''
      const groupId = idOf('default')
      const peer = [{ GroupId: idOf(name) }]
      const { SecurityGroupRules: [rule] = [] } = await ec2.send(
        new AuthorizeSecurityGroupIngressCommand({
          GroupId: groupId,
          IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, UserIdGroupPairs: peer }],
        }),
      )
      const id = rule?.SecurityGroupRuleId ?? ''
      const input = { GroupId: groupId, SecurityGroupRuleIds: [id] }
      return { id, groupId, revoke: () => ec2.send(new RevokeSecurityGroupIngressCommand(input)) }
    },
  }
}

const QUESTIONS = [
  "ec2 describe-instances --query Reservations[].Instances[?State.Name!='terminated'][].InstanceId",
  'ec2 describe-volumes --query Volumes[].VolumeId',
  'ec2 describe-network-interfaces --query NetworkInterfaces[].NetworkInterfaceId',
  "ec2 describe-security-groups --query SecurityGroups[?GroupName!='default'].GroupId",
  'ec2 describe-key-pairs --query KeyPairs[].KeyPairId',
  'ec2 describe-addresses --query Addresses[].AllocationId',
  'rds describe-db-instances --query DBInstances[].DBInstanceIdentifier',
  'rds describe-db-subnet-groups --query DBSubnetGroups[].DBSubnetGroupName',
  'rds describe-db-snapshots --query DBSnapshots[].DBSnapshotIdentifier',
  'rds describe-db-instance-automated-backups --query DBInstanceAutomatedBackups[].DbiResourceId',
]

/** There may be none, or not in a state for it: chance does not ask. */
async function unlessItCanNot(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
    if ($metadata?.httpStatusCode === undefined) throw error
  }
}
