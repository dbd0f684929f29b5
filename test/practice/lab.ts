import {
  type _InstanceType,
  CreateSecurityGroupCommand,
  DescribeInstancesCommand,
  type EC2Client,
  type Instance,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2'
import {
  CreateDBInstanceCommand,
  type CreateDBInstanceCommandInput,
  type DBInstance,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds'
import { until } from '../support/until.ts'

export const IMAGE = 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64'

/** Launches one t3.micro, and tells its id. */
export async function launch(ec2: EC2Client, wish: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances: [instance] = [] } = await ec2.send(runInstances(wish))
  return instance?.InstanceId ?? ''
}

export function runInstances(wish: Partial<RunInstancesCommandInput> = {}): RunInstancesCommand {
  return new RunInstancesCommand({
    ImageId: IMAGE,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...wish,
  })
}

/** A type of instance that is not on the SDK's list of them: only its types hold callers to the list. */
export function unlisted(instanceType: string): _InstanceType {
  return instanceType as _InstanceType
}

export async function instanceOf(ec2: EC2Client, id: string): Promise<Instance> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }))
  return Reservations?.[0]?.Instances?.[0] ?? {}
}

export async function untilState(ec2: EC2Client, id: string, state: string): Promise<Instance> {
  await until(`${id} is ${state}`, async () => (await instanceOf(ec2, id)).State?.Name === state, 3_000)
  return instanceOf(ec2, id)
}

export async function makeGroup(ec2: EC2Client, GroupName: string, VpcId?: string): Promise<string> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName, Description: 'a test', VpcId }),
  )
  return GroupId ?? ''
}

export const PASSWORD = 'correcthorse8'

export function createDatabase(wish: Partial<CreateDBInstanceCommandInput> = {}): CreateDBInstanceCommand {
  return new CreateDBInstanceCommand({
    DBInstanceIdentifier: 'flaskdb-instance',
    Engine: 'mysql',
    EngineVersion: '8.4',
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    DBInstanceClass: 'db.t3.micro',
    AllocatedStorage: 20,
    MasterUsername: 'admin',
    MasterUserPassword: PASSWORD,
    BackupRetentionPeriod: 0,
    PubliclyAccessible: false,
    ...wish,
  })
}

export async function databaseOf(rds: RDSClient, id = 'flaskdb-instance'): Promise<DBInstance> {
  const { DBInstances } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }))
  return DBInstances?.[0] ?? {}
}

export async function untilStatus(
  rds: RDSClient,
  status: string,
  id = 'flaskdb-instance',
): Promise<DBInstance> {
  await until(
    `${id} is ${status}`,
    async () => (await databaseOf(rds, id)).DBInstanceStatus === status,
    3_000,
  )
  return databaseOf(rds, id)
}
