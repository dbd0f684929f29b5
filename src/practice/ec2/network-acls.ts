import type {
  NetworkAcl as ApiNetworkAcl,
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  NetworkAclEntry,
} from '@aws-sdk/client-ec2'
import type { AclEntry } from '../../net/firewall.ts'
import type { NetworkAcl } from '../state.ts'
import type { Call } from '../wire/operation.ts'
import { type Fields, select } from './filters.ts'
import { withIds } from './ids.ts'
import { pageOf } from './paging.ts'
import { tagListOf } from './tag-lists.ts'

export function describeNetworkAcls(
  input: DescribeNetworkAclsRequest,
  { region, cloud }: Call,
): DescribeNetworkAclsResult {
  const acls = withIds(region.networkAcls, input.NetworkAclIds, 'networkAcl')
  const { items, nextToken } = pageOf(
    select(acls, input.Filters, fields, ({ tags }) => tags),
    input,
  )
  return { NetworkAcls: items.map((acl) => answer(acl, cloud.state.account)), NextToken: nextToken }
}

const fields: Fields<NetworkAcl> = {
  'association.network-acl-id': (acl) => acl.id,
  'association.subnet-id': (acl) => acl.subnetIds,
  default: (acl) => acl.isDefault,
  'network-acl-id': (acl) => acl.id,
  'vpc-id': (acl) => acl.vpcId,
}

function answer(acl: NetworkAcl, account: string): ApiNetworkAcl {
  return {
    NetworkAclId: acl.id,
    VpcId: acl.vpcId,
    OwnerId: account,
    IsDefault: acl.isDefault,
    Associations: acl.subnetIds.map((subnetId) => ({
      NetworkAclAssociationId: subnetId.replace('subnet-', 'aclassoc-'),
      NetworkAclId: acl.id,
      SubnetId: subnetId,
    })),
    Entries: acl.entries.map(entryAnswer),
    Tags: tagListOf(acl.tags),
  }
}

const protocolNumbers: Record<string, string> = { icmp: '1', tcp: '6', udp: '17' }

function entryAnswer(entry: AclEntry): NetworkAclEntry {
  return {
    CidrBlock: entry.cidr,
    Egress: entry.egress,
    Protocol: protocolNumbers[entry.protocol] ?? entry.protocol,
    RuleAction: entry.allow ? 'allow' : 'deny',
    RuleNumber: entry.number,
    PortRange: entry.fromPort === undefined ? undefined : { From: entry.fromPort, To: entry.toPort },
  }
}
