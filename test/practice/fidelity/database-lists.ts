import {
  CreateDBSubnetGroupCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  ListTagsForResourceCommand,
  type Tag,
} from '@aws-sdk/client-rds'
import { expect } from 'vitest'
import { createDatabase } from '../lab.ts'
import type { TestCloud } from '../support.ts'
import { type Behaviour, rds } from './behaviour.ts'
import { create } from './create-database.ts'

const NAME = 'flasklab-subnets'
const Tags: Tag[] = [{ Key: 'flasklab:lab', Value: 'one' }]
const page = { MaxRecords: 20 }

const idsIn = (cloud: TestCloud, ...letters: string[]) =>
  cloud.cloud
    .region('us-east-1')
    .subnets.filter(({ zone }) => letters.includes(zone.slice(-1)))
    .map(({ id }) => id)

const createGroup = (SubnetIds: string[], name = NAME) =>
  new CreateDBSubnetGroupCommand({
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: 'a test',
    SubnetIds,
    Tags,
  })

async function makeGroup(cloud: TestCloud): Promise<string[]> {
  const ids = idsIn(cloud, 'a', 'b')
  await cloud.rds().send(createGroup(ids))
  return ids
}

async function twentyOneDatabases(cloud: TestCloud): Promise<void> {
  for (let number = 0; number < 21; number += 1) {
    await cloud.rds().send(createDatabase({ DBInstanceIdentifier: `db-${number}` }))
  }
}

const orderable = (EngineVersion: string) =>
  new DescribeOrderableDBInstanceOptionsCommand({
    Engine: 'mysql',
    EngineVersion,
    DBInstanceClass: 'db.t3.micro',
    Vpc: true,
  })

export const databaseListBehaviours: readonly Behaviour[] = [
  rds({
    says: 'a subnet group covers at least two zones',
    given: (cloud) => idsIn(cloud, 'a'),
    ask: createGroup,
    aws: {
      code: 'DBSubnetGroupDoesNotCoverEnoughAZs',
      message:
        "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-east-1a. Add subnets to cover at least 2 AZs.",
      status: 400,
    },
  }),
  rds({
    says: 'the name of a subnet group is taken once',
    given: makeGroup,
    ask: (ids) => createGroup(ids),
    aws: { code: 'DBSubnetGroupAlreadyExists', status: 400 },
  }),
  rds({
    says: 'a subnet group that does not exist is not found, with the status 404',
    ask: () => new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: NAME }),
    aws: { code: 'DBSubnetGroupNotFoundFault', status: 404 },
  }),
  rds({
    says: 'a database can’t be made in a subnet group that does not exist',
    ask: () => create({ DBSubnetGroupName: NAME }),
    aws: { code: 'DBSubnetGroupNotFoundFault', status: 404 },
  }),
  rds({
    says: 'a subnet group is kept while a database uses it',
    given: async (cloud) => {
      await makeGroup(cloud)
      await cloud.rds().send(createDatabase({ DBSubnetGroupName: NAME }))
    },
    ask: () => new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: NAME }),
    aws: {
      code: 'InvalidDBSubnetGroupStateFault',
      message: `Cannot delete the subnet group '${NAME}' because at least one database instance: flaskdb-instance is still using it.`,
      status: 400,
    },
  }),
  rds({
    says: 'a database in a subnet group of its own is private unless it is told to be public',
    given: makeGroup,
    ask: () => create({ DBSubnetGroupName: NAME, PubliclyAccessible: undefined }),
    aws: ({ DBInstance }) =>
      expect(DBInstance).toMatchObject({
        PubliclyAccessible: false,
        DBSubnetGroup: { DBSubnetGroupName: NAME },
      }),
  }),
  rds({
    says: 'the tags of a subnet group are listed by its ARN',
    given: makeGroup,
    ask: () =>
      new ListTagsForResourceCommand({
        ResourceName: `arn:aws:rds:us-east-1:123456789012:subgrp:${NAME}`,
      }),
    aws: ({ TagList }) => expect(TagList).toEqual(Tags),
  }),
  rds({
    says: 'a database is described with its tags',
    given: (cloud) => cloud.rds().send(createDatabase({ Tags })),
    ask: () => new DescribeDBInstancesCommand({}),
    aws: ({ DBInstances }) => expect(DBInstances).toMatchObject([{ TagList: Tags }]),
  }),
  rds({
    says: 'databases have no filter by tag',
    ask: () => new DescribeDBInstancesCommand({ Filters: [{ Name: 'tag:flasklab:lab', Values: ['one'] }] }),
    aws: {
      code: 'InvalidParameterValue',
      message: 'Unrecognized filter name: tag:flasklab:lab',
      status: 400,
    },
  }),
  rds({
    says: 'the tag of a database has no comma in its value',
    ask: () => create({ Tags: [{ Key: 'flasklab:owner', Value: 'Renée, Max' }] }),
    aws: { code: 'InvalidParameterValue', status: 400 },
  }),
  rds({
    says: 'a page of databases has at least twenty',
    ask: () => new DescribeDBInstancesCommand({ MaxRecords: 5 }),
    aws: { code: 'InvalidParameterValue', status: 400 },
  }),
  rds({
    says: 'a page of databases that is not the last has a marker',
    given: twentyOneDatabases,
    ask: () => new DescribeDBInstancesCommand(page),
    aws: ({ DBInstances, Marker }) => {
      expect(DBInstances).toHaveLength(20)
      expect(Marker).toMatch(/./)
    },
  }),
  rds({
    says: 'the marker brings the rest of the databases, and the last page has none',
    given: async (cloud) => {
      await twentyOneDatabases(cloud)
      return (await cloud.rds().send(new DescribeDBInstancesCommand(page))).Marker
    },
    ask: (Marker) => new DescribeDBInstancesCommand({ ...page, Marker }),
    aws: ({ DBInstances, Marker }) => {
      expect(DBInstances).toHaveLength(1)
      expect(Marker).toBeUndefined()
    },
  }),
  rds({
    says: 'a major version has one default version',
    ask: () =>
      new DescribeDBEngineVersionsCommand({ Engine: 'mysql', EngineVersion: '8.4', DefaultOnly: true }),
    aws: ({ DBEngineVersions }) =>
      expect(DBEngineVersions).toMatchObject([
        { Engine: 'mysql', EngineVersion: expect.stringMatching(/^8\.4\.\d+$/) },
      ]),
  }),
  rds({
    says: 'a class is orderable in an exact version',
    given: async (cloud) => {
      const { DBInstance } = await cloud.rds().send(createDatabase({ EngineVersion: '8.4' }))
      return DBInstance?.EngineVersion ?? ''
    },
    ask: orderable,
    aws: ({ OrderableDBInstanceOptions = [] }, EngineVersion) => {
      const storage = OrderableDBInstanceOptions.map(({ StorageType }) => StorageType)
      expect(storage).toEqual(expect.arrayContaining(['gp2', 'gp3']))
      expect(OrderableDBInstanceOptions[0]).toMatchObject({ EngineVersion, DBInstanceClass: 'db.t3.micro' })
    },
  }),
  rds({
    says: 'no class is orderable in a major version',
    ask: () => orderable('8.4'),
    aws: ({ OrderableDBInstanceOptions }) => expect(OrderableDBInstanceOptions).toEqual([]),
  }),
]
