import { CreateVpcCommand } from '@aws-sdk/client-ec2'
import {
  type CreateDBInstanceCommandInput,
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  StopDBInstanceCommand,
} from '@aws-sdk/client-rds'
import { expect } from 'vitest'
import { until } from '../../support/until.ts'
import { createDatabase, databaseOf, makeGroup, untilStatus } from '../lab.ts'
import { refusal, type TestCloud } from '../support.ts'
import { type Behaviour, rds } from './behaviour.ts'
import { create } from './create-database.ts'

const DBInstanceIdentifier = 'flaskdb-instance'

const described = () => new DescribeDBInstancesCommand({ DBInstanceIdentifier })
const remove = (wish: { SkipFinalSnapshot?: boolean; FinalDBSnapshotIdentifier?: string } = {}) =>
  new DeleteDBInstanceCommand({ DBInstanceIdentifier, ...wish })
const removeAll = () => remove({ SkipFinalSnapshot: true })
const modify = (wish: Partial<ModifyDBInstanceCommandInput>) =>
  new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...wish })

const available =
  (wish: Partial<CreateDBInstanceCommandInput> = {}) =>
  async (cloud: TestCloud): Promise<void> => {
    await cloud.rds().send(createDatabase(wish))
    await untilStatus(cloud.rds(), 'available')
  }

async function creating(cloud: TestCloud): Promise<void> {
  cloud.hold('create')
  await cloud.rds().send(createDatabase())
}

async function deleting(cloud: TestCloud): Promise<void> {
  await available()(cloud)
  cloud.hold('time')
  await cloud.rds().send(removeAll())
}

async function stopped(cloud: TestCloud): Promise<void> {
  await available()(cloud)
  await cloud.rds().send(new StopDBInstanceCommand({ DBInstanceIdentifier }))
  await untilStatus(cloud.rds(), 'stopped')
}

const unsaid: Partial<CreateDBInstanceCommandInput> = {
  PubliclyAccessible: undefined,
  BackupRetentionPeriod: undefined,
}

const badPassword =
  "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."

export const databaseBehaviours: readonly Behaviour[] = [
  rds({
    says: 'a database that is being made has no endpoint yet',
    given: creating,
    ask: described,
    aws: ({ DBInstances }) => {
      expect(DBInstances?.[0]?.DBInstanceStatus).toBe('creating')
      expect(DBInstances?.[0]?.Endpoint?.Address).toBeUndefined()
    },
  }),
  rds({
    says: 'an available database has an endpoint, and the group that it was given is active',
    given: async (cloud) => {
      const id = await makeGroup(cloud.ec2(), 'data')
      await available({ VpcSecurityGroupIds: [id] })(cloud)
      return id
    },
    ask: described,
    aws: ({ DBInstances }, VpcSecurityGroupId) =>
      expect(DBInstances).toMatchObject([
        {
          DBInstanceStatus: 'available',
          Endpoint: { Address: expect.stringMatching(/./), Port: expect.any(Number) },
          VpcSecurityGroups: [{ VpcSecurityGroupId, Status: 'active' }],
        },
      ]),
  }),
  rds({
    says: 'a database that names no subnet group is public unless it is told not to be',
    ask: () => create(unsaid),
    aws: ({ DBInstance }) => expect(DBInstance?.PubliclyAccessible).toBe(true),
  }),
  rds({
    says: 'a database is enrolled in extended support unless it is told not to be',
    ask: () => create(unsaid),
    aws: async (_answer, _given, cloud) => {
      const { EngineLifecycleSupport } = await databaseOf(cloud.rds())
      expect(EngineLifecycleSupport).toBe('open-source-rds-extended-support')
    },
  }),
  rds({
    says: 'a database has a day of backups, plain storage and no protection unless it is told otherwise',
    ask: () => create(unsaid),
    aws: ({ DBInstance }) =>
      expect(DBInstance).toMatchObject({
        BackupRetentionPeriod: 1,
        StorageType: 'gp3',
        StorageEncrypted: false,
        DeletionProtection: false,
        MultiAZ: false,
      }),
  }),
  rds({
    says: 'a database has a certificate of the default authority',
    given: available(),
    ask: described,
    aws: ({ DBInstances }) =>
      expect(DBInstances?.[0]).toMatchObject({
        CACertificateIdentifier: 'rds-ca-rsa2048-g1',
        CertificateDetails: { CAIdentifier: 'rds-ca-rsa2048-g1' },
      }),
  }),
  rds({
    says: 'a major version gets its default minor one',
    ask: () => create({ EngineVersion: '8.4' }),
    aws: ({ DBInstance }) => expect(DBInstance?.EngineVersion).toMatch(/^8\.4\.\d+$/),
  }),
  rds({
    says: 'a version past its standard support is refused where extended support is declined',
    ask: () =>
      create({
        EngineVersion: '8.0',
        EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
      }),
    aws: { status: 400 },
  }),
  rds({
    says: 'a version that does not exist can’t be found',
    ask: () => create({ EngineVersion: '8.4.1' }),
    aws: {
      code: 'InvalidParameterCombination',
      message: 'Cannot find version 8.4.1 for mysql',
      status: 400,
    },
  }),
  rds({
    says: 'an identifier is taken once in a region, in whatever case',
    given: creating,
    ask: () => create({ DBInstanceIdentifier: 'FlaskDB-Instance' }),
    aws: { code: 'DBInstanceAlreadyExists', status: 400 },
  }),
  rds({
    says: 'an identifier is taken until its database is gone',
    given: deleting,
    ask: () => create(),
    aws: { code: 'DBInstanceAlreadyExists', status: 400 },
  }),
  rds({
    says: 'an identifier does not begin with a digit',
    ask: () => create({ DBInstanceIdentifier: '1flask' }),
    aws: {
      code: 'InvalidParameterValue',
      message:
        /^The parameter DBInstanceIdentifier is not a valid identifier\. Identifiers must begin with a letter;/,
      status: 400,
    },
  }),
  rds({
    says: 'a database that does not exist is not found, with the status 404',
    ask: described,
    aws: { code: 'DBInstanceNotFound', message: /flaskdb-instance not found/, status: 404 },
  }),
  rds({
    says: 'a master password has at least eight characters',
    ask: () => create({ MasterUserPassword: 'short12' }),
    aws: {
      code: 'InvalidParameterValue',
      message: /^The parameter MasterUserPassword is not a valid password/,
      status: 400,
    },
  }),
  rds({
    says: 'a master password has at most 41 characters',
    ask: () => create({ MasterUserPassword: 'a'.repeat(42) }),
    aws: {
      code: 'InvalidParameterValue',
      message: /^The parameter MasterUserPassword is not a valid password/,
      status: 400,
    },
  }),
  rds({
    says: 'a master password has no character that connection strings use',
    ask: () => create({ MasterUserPassword: 'p@ssword1' }),
    aws: { code: 'InvalidParameterValue', message: badPassword, status: 400 },
  }),
  rds({
    says: 'small storage has no speed of its own',
    ask: () => create({ Iops: 3000 }),
    aws: {
      code: 'InvalidParameterCombination',
      message:
        "You can't specify IOPS or storage throughput for engine mysql and a storage size less than 400.",
      status: 400,
    },
  }),
  rds({
    says: 'a database can’t be made with a group that does not exist',
    ask: () => create({ VpcSecurityGroupIds: ['sg-00000000000000000'] }),
    aws: { code: 'InvalidParameterValue', message: /^Invalid security group/, status: 400 },
  }),
  rds({
    says: 'a database can’t be made with a group of another VPC',
    given: async (cloud) => {
      const { Vpc } = await cloud.ec2().send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
      return makeGroup(cloud.ec2(), 'foreign', Vpc?.VpcId)
    },
    ask: (id) => create({ VpcSecurityGroupIds: [id] }),
    aws: { code: 'InvalidParameterCombination', status: 400 },
  }),
  rds({
    says: 'a database is not modified while it is being made',
    given: creating,
    ask: () => modify({ DeletionProtection: true }),
    aws: {
      code: 'InvalidDBInstanceState',
      message: 'Database instance is not in available state.',
      status: 400,
    },
  }),
  rds({
    says: 'a stopped database is not modified',
    given: stopped,
    ask: () => modify({ DeletionProtection: false }),
    aws: { code: 'InvalidDBInstanceState', status: 400 },
  }),
  rds({
    says: 'another class waits for the maintenance window',
    given: available(),
    ask: () => modify({ DBInstanceClass: 'db.t3.small' }),
    aws: async (_answer, _given, cloud) =>
      expect(await databaseOf(cloud.rds())).toMatchObject({
        DBInstanceStatus: 'available',
        DBInstanceClass: 'db.t3.micro',
        PendingModifiedValues: { DBInstanceClass: 'db.t3.small' },
      }),
  }),
  rds({
    says: 'another class is applied at once where that is asked for',
    given: available(),
    ask: () => modify({ DBInstanceClass: 'db.t3.small', ApplyImmediately: true }),
    aws: async (_answer, _given, cloud) => {
      const isSmall = async () => (await databaseOf(cloud.rds())).DBInstanceClass === 'db.t3.small'
      await until('the class is the one asked for', isSmall)
      expect((await untilStatus(cloud.rds(), 'available')).PendingModifiedValues).toEqual({})
    },
  }),
  rds({
    says: 'a change that is being applied shows in the status',
    given: async (cloud) => {
      await available()(cloud)
      cloud.hold('time')
      await cloud.rds().send(modify({ DBInstanceClass: 'db.t3.small', ApplyImmediately: true }))
    },
    ask: described,
    aws: ({ DBInstances }) => expect(DBInstances?.[0]?.DBInstanceStatus).toBe('modifying'),
  }),
  rds({
    says: 'groups never wait for the maintenance window',
    given: async (cloud) => {
      await available()(cloud)
      return makeGroup(cloud.ec2(), 'data')
    },
    ask: (id) => modify({ VpcSecurityGroupIds: [id] }),
    aws: ({ DBInstance }, VpcSecurityGroupId) =>
      expect(DBInstance?.VpcSecurityGroups).toMatchObject([{ VpcSecurityGroupId }]),
  }),
  rds({
    says: 'a new master password is told as stars',
    given: available(),
    ask: () => modify({ MasterUserPassword: 'another-one', ApplyImmediately: true }),
    aws: ({ DBInstance }) =>
      expect(DBInstance?.PendingModifiedValues).toEqual({ MasterUserPassword: '****' }),
  }),
  rds({
    says: 'a database is not deleted without a word about its snapshot',
    given: available(),
    ask: () => remove(),
    aws: { code: 'InvalidParameterCombination', status: 400 },
  }),
  rds({
    says: 'a database is not deleted with two words about its snapshot',
    given: available(),
    ask: () => remove({ SkipFinalSnapshot: true, FinalDBSnapshotIdentifier: 'last' }),
    aws: { code: 'InvalidParameterCombination', status: 400 },
  }),
  rds({
    says: 'a protected database is not deleted',
    given: available({ DeletionProtection: true }),
    ask: removeAll,
    aws: {
      code: 'InvalidParameterCombination',
      message: 'Cannot delete protected DB Instance, please disable deletion protection and try again.',
      status: 400,
    },
  }),
  rds({
    says: 'a database can be deleted once its protection is lifted',
    given: async (cloud) => {
      await available({ DeletionProtection: true })(cloud)
      await cloud.rds().send(modify({ DeletionProtection: false, ApplyImmediately: true }))
      await untilStatus(cloud.rds(), 'available')
    },
    ask: removeAll,
    aws: ({ DBInstance }) => expect(DBInstance?.DBInstanceStatus).toBe('deleting'),
  }),
  rds({
    says: 'a database is deleted once',
    given: deleting,
    ask: removeAll,
    aws: {
      code: 'InvalidDBInstanceState',
      message: 'Instance flaskdb-instance is already being deleted.',
      status: 400,
    },
  }),
  rds({
    says: 'a database leaves no automated backups behind',
    given: async (cloud) => {
      await available({ BackupRetentionPeriod: 1 })(cloud)
      await cloud.rds().send(removeAll())
      const isGone = async () => (await refusal(databaseOf(cloud.rds()))).startsWith('DBInstanceNotFound')
      await until('the database is gone', isGone)
    },
    ask: () => new DescribeDBInstanceAutomatedBackupsCommand({}),
    aws: ({ DBInstanceAutomatedBackups }) => expect(DBInstanceAutomatedBackups).toEqual([]),
  }),
]
