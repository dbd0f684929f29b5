import { handout } from './lab.ts'
import { TAG_EXPIRES, TAG_HOST_KEY, TAG_OWNER } from './names.ts'

interface Policy {
  readonly Version: '2012-10-17'
  readonly Statement: readonly Statement[]
}

export interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

/** Known of users, roles and root alike, where `aws:username` is known of users only. GetCallerIdentity calls it UserId. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is IAM that fills it in.
export const OWN_ID = '${aws:userid}'
const ofMine = { StringEquals: { [`aws:ResourceTag/${TAG_OWNER}`]: OWN_ID } }
const taggedMine = { [`aws:RequestTag/${TAG_OWNER}`]: OWN_ID }

const onlyKeys = (...keys: string[]) => ({ 'ForAllValues:StringEquals': { 'aws:TagKeys': keys } })

const ec2 = (...types: string[]) => types.map((type) => `arn:aws:ec2:*:*:${type}/*`)
const rds = (...names: string[]) => names.map((name) => `arn:aws:rds:*:*:${name}`)

const DATABASE = `db:${handout.database}*`
const SUBNET_GROUP = 'subgrp:flasklab-*'
/** RDS has requests for these as well, where none are named. */
const DEFAULTS = ['og:default*', 'pg:default*']

/**
 * The rights that flasklab needs, and no more. Each resource that it makes carries its owner's id from the first
 * moment, and it may change only resources that carry this id. Requests that only look can't be limited by owner.
 */
export const iamPolicy: Policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Look',
      Effect: 'Allow',
      Action: [
        'ec2:DescribeAddresses',
        'ec2:DescribeImages',
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeInternetGateways',
        'ec2:DescribeKeyPairs',
        'ec2:DescribeNetworkAcls',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeRegions',
        'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroupRules',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVolumes',
        'ec2:DescribeVpcBlockPublicAccessOptions',
        'ec2:DescribeVpcs',
        'ec2:GetConsoleOutput',
        'freetier:GetAccountPlanState',
        'pricing:GetProducts',
        'rds:DescribeAccountAttributes',
        'rds:DescribeDBInstanceAutomatedBackups',
        'rds:DescribeDBInstances',
        'rds:DescribeDBSnapshots',
        'rds:DescribeDBSubnetGroups',
        'rds:DescribeEvents',
        'rds:ListTagsForResource',
        'servicequotas:GetServiceQuota',
        'sts:GetCallerIdentity',
      ],
      Resource: ['*'],
    },
    {
      // With the rest of the network, RDS looks at these by the rights of whoever asks it for a database.
      Sid: 'LookForRds',
      Effect: 'Allow',
      Action: ['ec2:DescribeAccountAttributes', 'ec2:DescribeAvailabilityZones', 'ec2:DescribeVpcAttribute'],
      Resource: ['*'],
    },
    {
      Sid: 'LaunchOwn',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: ec2('instance'),
      Condition: { StringEquals: { ...taggedMine, 'ec2:InstanceType': handout.serverType } },
    },
    {
      Sid: 'LaunchWithOwnDisk',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: ec2('network-interface', 'volume'),
      Condition: { StringEquals: taggedMine },
    },
    {
      Sid: 'LaunchWithOwnGroups',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: ec2('key-pair', 'security-group'),
      Condition: ofMine,
    },
    {
      Sid: 'LaunchInSubnet',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: ec2('subnet'),
    },
    {
      Sid: 'LaunchFromAmazonsImage',
      Effect: 'Allow',
      Action: ['ec2:RunInstances'],
      Resource: ['arn:aws:ec2:*::image/*'],
      Condition: { StringEquals: { 'ec2:Owner': 'amazon' } },
    },
    {
      Sid: 'FindAmazonsImage',
      Effect: 'Allow',
      Action: ['ssm:GetParameters'],
      Resource: ['arn:aws:ssm:*:*:parameter/aws/service/ami-amazon-linux-latest/*'],
    },
    {
      Sid: 'MakeOwn',
      Effect: 'Allow',
      Action: ['ec2:CreateSecurityGroup', 'ec2:ImportKeyPair'],
      Resource: ec2('key-pair', 'security-group'),
      Condition: { StringEquals: taggedMine },
    },
    {
      Sid: 'MakeGroupsInVpc',
      Effect: 'Allow',
      Action: ['ec2:CreateSecurityGroup'],
      Resource: ec2('vpc'),
    },
    {
      Sid: 'TagWhatIsMade',
      Effect: 'Allow',
      Action: ['ec2:CreateTags'],
      Resource: ec2('*'),
      Condition: {
        StringEquals: { 'ec2:CreateAction': ['CreateSecurityGroup', 'ImportKeyPair', 'RunInstances'] },
      },
    },
    {
      Sid: 'NoteOnOwn',
      Effect: 'Allow',
      Action: ['ec2:CreateTags'],
      Resource: ec2('*'),
      Condition: { ...ofMine, ...onlyKeys(TAG_EXPIRES, TAG_HOST_KEY) },
    },
    {
      Sid: 'ChangeOwn',
      Effect: 'Allow',
      Action: [
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:DeleteKeyPair',
        'ec2:DeleteNetworkInterface',
        'ec2:DeleteSecurityGroup',
        'ec2:DeleteVolume',
        'ec2:ModifyInstanceAttribute',
        'ec2:ReleaseAddress',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:RevokeSecurityGroupIngress',
        'ec2:StartInstances',
        'ec2:TerminateInstances',
      ],
      Resource: ec2('elastic-ip', 'instance', 'key-pair', 'network-interface', 'security-group', 'volume'),
      Condition: ofMine,
    },
    {
      // Rules carry no tags; each is also a matter of its group, which does.
      Sid: 'ChangeRules',
      Effect: 'Allow',
      Action: [
        'ec2:AuthorizeSecurityGroupEgress',
        'ec2:AuthorizeSecurityGroupIngress',
        'ec2:RevokeSecurityGroupEgress',
        'ec2:RevokeSecurityGroupIngress',
      ],
      Resource: ec2('security-group-rule'),
    },
    {
      Sid: 'MakeOwnDatabase',
      Effect: 'Allow',
      Action: ['rds:CreateDBInstance'],
      Resource: rds(DATABASE),
      Condition: {
        StringEquals: {
          ...taggedMine,
          'rds:DatabaseClass': [handout.databaseClass, handout.otherDatabaseClass],
          'rds:DatabaseEngine': 'mysql',
        },
      },
    },
    {
      Sid: 'MakeOwnSubnetGroup',
      Effect: 'Allow',
      Action: ['rds:CreateDBSubnetGroup'],
      Resource: rds(SUBNET_GROUP),
      Condition: { StringEquals: taggedMine },
    },
    {
      // RDS does not tell tags of the making from later ones: nobody may so take over what is another's.
      Sid: 'TagOwnDatabase',
      Effect: 'Allow',
      Action: ['rds:AddTagsToResource'],
      Resource: rds(DATABASE, SUBNET_GROUP),
      Condition: { StringEquals: taggedMine, StringEqualsIfExists: ofMine.StringEquals },
    },
    {
      Sid: 'NoteOnOwnDatabase',
      Effect: 'Allow',
      Action: ['rds:AddTagsToResource'],
      Resource: rds('db:*', SUBNET_GROUP),
      Condition: { ...ofMine, ...onlyKeys(TAG_EXPIRES) },
    },
    {
      Sid: 'UseSubnetGroupAndDefaults',
      Effect: 'Allow',
      Action: ['rds:CreateDBInstance', 'rds:ModifyDBInstance'],
      Resource: rds(SUBNET_GROUP, ...DEFAULTS),
    },
    {
      Sid: 'ChangeOwnDatabase',
      Effect: 'Allow',
      Action: [
        'rds:DeleteDBInstance',
        'rds:DeleteDBInstanceAutomatedBackup',
        'rds:DeleteDBSnapshot',
        'rds:DeleteDBSubnetGroup',
        'rds:ModifyDBInstance',
        'rds:StartDBInstance',
      ],
      Resource: rds('auto-backup:*', 'db:*', 'snapshot:*', SUBNET_GROUP),
      Condition: ofMine,
    },
    {
      // The first database of an account makes it.
      Sid: 'MakeRoleOfRds',
      Effect: 'Allow',
      Action: ['iam:CreateServiceLinkedRole'],
      Resource: ['arn:aws:iam::*:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS'],
      Condition: { StringEquals: { 'iam:AWSServiceName': 'rds.amazonaws.com' } },
    },
  ],
}
