import * as sdk from '@aws-sdk/client-ec2'
import { operation, operationsByName } from '../wire/operation.ts'
import { describeAccountAttributes, describeAddresses, releaseAddress } from './account.ts'
import { describeInstanceStatus, describeInstances, getConsoleOutput } from './describe-instances.ts'
import { describeImages } from './images.ts'
import { describeInstanceAttribute, modifyInstanceAttribute } from './instance-attributes.ts'
import { rebootInstances, startInstances, stopInstances, terminateInstances } from './instance-states.ts'
import { describeInstanceTypeOfferings, describeInstanceTypes } from './instance-types.ts'
import { createKeyPair, deleteKeyPair, describeKeyPairs, importKeyPair } from './key-pairs.ts'
import { runInstances } from './launch.ts'
import { createSubnet, createVpc } from './make-vpcs.ts'
import {
  createNetworkAclEntry,
  deleteNetworkAclEntry,
  replaceNetworkAclEntry,
} from './network-acl-entries.ts'
import { describeNetworkAcls } from './network-acls.ts'
import { describeNetworkInterfaces, modifyNetworkInterfaceAttribute } from './network-interfaces.ts'
import { describeAvailabilityZones, describeRegions } from './regions.ts'
import { createRoute, deleteRoute, replaceRoute } from './routes.ts'
import { describeInternetGateways, describeRouteTables } from './routing.ts'
import { authorize, describeSecurityGroupRules, revoke } from './security-group-rules.ts'
import { createSecurityGroup, deleteSecurityGroup, describeSecurityGroups } from './security-groups.ts'
import { createTags, deleteTags, describeTags } from './tags.ts'
import { deleteVolume, describeVolumes } from './volumes.ts'
import {
  createDefaultVpc,
  describeSubnets,
  describeVpcAttribute,
  describeVpcBlockPublicAccessOptions,
  describeVpcs,
} from './vpcs.ts'

export const ec2Operations = operationsByName([
  operation(sdk.AuthorizeSecurityGroupEgress$, authorize('egress')),
  operation(sdk.AuthorizeSecurityGroupIngress$, authorize('ingress')),
  operation(sdk.CreateDefaultVpc$, createDefaultVpc),
  operation(sdk.CreateKeyPair$, createKeyPair),
  operation(sdk.CreateNetworkAclEntry$, createNetworkAclEntry),
  operation(sdk.CreateRoute$, createRoute),
  operation(sdk.CreateSecurityGroup$, createSecurityGroup),
  operation(sdk.CreateSubnet$, createSubnet),
  operation(sdk.CreateTags$, createTags),
  operation(sdk.CreateVpc$, createVpc),
  operation(sdk.DeleteKeyPair$, deleteKeyPair),
  operation(sdk.DeleteNetworkAclEntry$, deleteNetworkAclEntry),
  operation(sdk.DeleteRoute$, deleteRoute),
  operation(sdk.DeleteSecurityGroup$, deleteSecurityGroup),
  operation(sdk.DeleteTags$, deleteTags),
  operation(sdk.DeleteVolume$, deleteVolume),
  operation(sdk.DescribeAccountAttributes$, describeAccountAttributes),
  operation(sdk.DescribeAddresses$, describeAddresses),
  operation(sdk.DescribeAvailabilityZones$, describeAvailabilityZones),
  operation(sdk.DescribeImages$, describeImages),
  operation(sdk.DescribeInstanceAttribute$, describeInstanceAttribute),
  operation(sdk.DescribeInstanceStatus$, describeInstanceStatus),
  operation(sdk.DescribeInstanceTypeOfferings$, describeInstanceTypeOfferings),
  operation(sdk.DescribeInstanceTypes$, describeInstanceTypes),
  operation(sdk.DescribeInstances$, describeInstances),
  operation(sdk.DescribeInternetGateways$, describeInternetGateways),
  operation(sdk.DescribeKeyPairs$, describeKeyPairs),
  operation(sdk.DescribeNetworkAcls$, describeNetworkAcls),
  operation(sdk.DescribeNetworkInterfaces$, describeNetworkInterfaces),
  operation(sdk.DescribeRegions$, describeRegions),
  operation(sdk.DescribeRouteTables$, describeRouteTables),
  operation(sdk.DescribeSecurityGroupRules$, describeSecurityGroupRules),
  operation(sdk.DescribeSecurityGroups$, describeSecurityGroups),
  operation(sdk.DescribeSubnets$, describeSubnets),
  operation(sdk.DescribeTags$, describeTags),
  operation(sdk.DescribeVolumes$, describeVolumes),
  operation(sdk.DescribeVpcAttribute$, describeVpcAttribute),
  operation(sdk.DescribeVpcBlockPublicAccessOptions$, describeVpcBlockPublicAccessOptions),
  operation(sdk.DescribeVpcs$, describeVpcs),
  operation(sdk.GetConsoleOutput$, getConsoleOutput),
  operation(sdk.ImportKeyPair$, importKeyPair),
  operation(sdk.ModifyInstanceAttribute$, modifyInstanceAttribute),
  operation(sdk.ModifyNetworkInterfaceAttribute$, modifyNetworkInterfaceAttribute),
  operation(sdk.RebootInstances$, rebootInstances),
  operation(sdk.ReleaseAddress$, releaseAddress),
  operation(sdk.ReplaceNetworkAclEntry$, replaceNetworkAclEntry),
  operation(sdk.ReplaceRoute$, replaceRoute),
  operation(sdk.RevokeSecurityGroupEgress$, revoke('egress')),
  operation(sdk.RevokeSecurityGroupIngress$, revoke('ingress')),
  operation(sdk.RunInstances$, runInstances),
  operation(sdk.StartInstances$, startInstances),
  operation(sdk.StopInstances$, stopInstances),
  operation(sdk.TerminateInstances$, terminateInstances),
])
