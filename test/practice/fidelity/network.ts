import {
  CreateDefaultVpcCommand,
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRegionsCommand,
  DescribeRouteTablesCommand,
  DescribeSubnetsCommand,
} from '@aws-sdk/client-ec2'
import { expect } from 'vitest'
import { createDatabase } from '../lab.ts'
import { type Behaviour, ec2 } from './behaviour.ts'

export const networkBehaviours: readonly Behaviour[] = [
  ec2({
    says: 'all regions are told with whether they are enabled',
    ask: () => new DescribeRegionsCommand({ AllRegions: true, RegionNames: ['af-south-1', 'us-east-1'] }),
    aws: ({ Regions = [] }) =>
      expect(
        Object.fromEntries(Regions.map(({ RegionName, OptInStatus }) => [RegionName, OptInStatus])),
      ).toEqual({ 'af-south-1': 'not-opted-in', 'us-east-1': 'opt-in-not-required' }),
  }),
  ec2({
    says: 'the default VPC has a default subnet in each zone, which gives public addresses',
    ask: () => new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] }),
    aws: ({ Subnets = [] }) => {
      expect(new Set(Subnets.map(({ AvailabilityZone }) => AvailabilityZone)).size).toBe(6)
      expect(Subnets.every(({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch)).toBe(true)
    },
  }),
  ec2({
    says: 'the main route table of the default VPC leads to an internet gateway',
    ask: () => new DescribeRouteTablesCommand({ Filters: [{ Name: 'association.main', Values: ['true'] }] }),
    aws: ({ RouteTables }) => {
      expect(RouteTables).toHaveLength(1)
      expect(RouteTables?.[0]?.Routes).toContainEqual(
        expect.objectContaining({
          DestinationCidrBlock: '0.0.0.0/0',
          GatewayId: expect.stringMatching(/^igw-0[0-9a-f]{16}$/),
          State: 'active',
        }),
      )
    },
  }),
  ec2({
    says: 'a region has one default VPC',
    ask: () => new CreateDefaultVpcCommand({}),
    aws: { code: 'DefaultVpcAlreadyExists', status: 400 },
  }),
  ec2({
    says: 'a default VPC that was deleted can be made again',
    given: (cloud) => {
      Object.assign(cloud.cloud.region('us-east-1'), { vpcs: [], subnets: [], groups: [] })
    },
    ask: () => new CreateDefaultVpcCommand({}),
    aws: ({ Vpc }) => expect(Vpc).toMatchObject({ IsDefault: true, CidrBlock: '172.31.0.0/16' }),
  }),
  ec2({
    says: 'the images of Amazon Linux 2023 are found by name, with their root device',
    ask: () =>
      new DescribeImagesCommand({
        Owners: ['amazon'],
        Filters: [
          { Name: 'name', Values: ['al2023-ami-2023.*-kernel-*-x86_64'] },
          { Name: 'architecture', Values: ['x86_64'] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    aws: ({ Images = [] }) => {
      expect(Images.length).toBeGreaterThan(0)
      for (const image of Images) {
        expect(image).toMatchObject({ RootDeviceName: '/dev/xvda', OwnerId: '137112412989' })
        expect(image.Name).not.toContain('minimal')
      }
    },
  }),
  ec2({
    says: 'the zones that have a type are told',
    ask: () =>
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
      }),
    aws: ({ InstanceTypeOfferings = [] }) => {
      const zones = InstanceTypeOfferings.map(({ Location }) => Location)
      expect(zones).toContain('us-east-1a')
      expect(zones).not.toContain('us-east-1e')
    },
  }),
  ec2({
    says: 'the types of the free tier are found by a filter',
    ask: () =>
      new DescribeInstanceTypesCommand({ Filters: [{ Name: 'free-tier-eligible', Values: ['true'] }] }),
    aws: ({ InstanceTypes = [] }) =>
      expect(InstanceTypes.map(({ InstanceType }) => InstanceType)).toContain('t3.micro'),
  }),
  ec2({
    says: 'a database has an interface in the network, which belongs to RDS',
    given: (cloud) => cloud.rds().send(createDatabase()),
    ask: () => new DescribeNetworkInterfacesCommand({}),
    aws: ({ NetworkInterfaces }) =>
      expect(NetworkInterfaces).toMatchObject([
        { Description: 'RDSNetworkInterface', RequesterId: 'amazon-rds', RequesterManaged: true },
      ]),
  }),
]
