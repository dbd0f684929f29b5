import type { NetworkInterface, SecurityGroupRule } from '@aws-sdk/client-ec2'
import { aws } from '../lab/command.ts'
import type { Dependent, Resource } from '../lab/ports/resources.ts'

import type { Clients } from './clients.ts'
import { allDatabases, rulesOf } from './lists.ts'
import {
  DescribeAddressesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
} from './sdk.ts'

/** The things that keep a resource from being deleted, as far as these credentials may look. */
export async function dependentsOf(clients: Clients, resource: Resource): Promise<readonly Dependent[]> {
  const region = await clients.ec2.config.region()
  try {
    switch (resource.kind) {
      case 'security-group':
        return await dependentsOfGroup(clients, resource.id, region)
      case 'subnet-group':
        return await databasesWith(
          clients,
          ({ DBSubnetGroup }) => DBSubnetGroup?.DBSubnetGroupName === resource.id,
        )
      case 'volume':
        return await dependentsOfVolume(clients, resource.id, region)
      case 'address':
        return await dependentsOfAddress(clients, resource.id, region)
      default:
        return []
    }
  } catch {
    // AWS has said that something holds the resource; it is no further failure that the holder can't be named.
    return []
  }
}

async function dependentsOfGroup(clients: Clients, id: string, region: string): Promise<Dependent[]> {
  const [rules, interfaces, databases] = await Promise.all([
    rulesNaming(clients, id, region),
    interfacesIn(clients.ec2, id, region),
    databasesWith(clients, ({ VpcSecurityGroups = [] }) =>
      VpcSecurityGroups.some(({ VpcSecurityGroupId }) => VpcSecurityGroupId === id),
    ),
  ])
  return [...rules, ...interfaces, ...databases]
}

/** Rules of other groups: those of its own a group takes with it. */
async function rulesNaming(clients: Clients, id: string, region: string): Promise<Dependent[]> {
  const naming = async (Name: string) =>
    (await clients.ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values: [id] }] })))
      .SecurityGroups
  const lists = await Promise.all([naming('ip-permission.group-id'), naming('egress.ip-permission.group-id')])
  const names = new Map(lists.flatMap((groups = []) => groups.map((each) => [each.GroupId, each.GroupName])))
  names.delete(id)
  if (names.size === 0) return []
  const rules = await rulesOf(
    clients,
    [...names.keys()].flatMap((each) => each ?? []),
  )
  return rules
    .filter((rule) => rule.ReferencedGroupInfo?.GroupId === id)
    .map((rule) => toDependent(rule, names.get(rule.GroupId), region))
}

function toDependent(rule: SecurityGroupRule, groupName: string | undefined, region: string): Dependent {
  const { GroupId, SecurityGroupRuleId, IsEgress } = rule
  return {
    by: GroupId,
    what: `the rule ${SecurityGroupRuleId} of the group ${groupName} (${GroupId}), which names it`,
    run: [
      aws(region, 'ec2', IsEgress ? 'revoke-security-group-egress' : 'revoke-security-group-ingress', {
        'group-id': GroupId,
        'security-group-rule-ids': SecurityGroupRuleId,
      }),
    ],
  }
}

async function interfacesIn(ec2: Clients['ec2'], id: string, region: string): Promise<Dependent[]> {
  const Filters = [{ Name: 'group-id', Values: [id] }]
  const { NetworkInterfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))
  return NetworkInterfaces.map((each) => dependentInterface(each, id, region))
}

/** A network interface that AWS itself manages goes some minutes after its database. */
function dependentInterface(each: NetworkInterface, id: string, region: string): Dependent {
  const { NetworkInterfaceId: eni = '', Attachment, Groups = [], Description } = each
  const server = Attachment?.InstanceId
  if (server === undefined && each.RequesterManaged)
    return { by: undefined, what: `the network interface ${eni} (${Description})`, run: [] }
  const others = Groups.flatMap(({ GroupId }) => (GroupId === id ? [] : (GroupId ?? [])))
  return {
    by: server ?? eni,
    what: server === undefined ? `the network interface ${eni}` : `the instance ${server}`,
    run: [
      aws(region, 'ec2', 'modify-network-interface-attribute', {
        'network-interface-id': eni,
        groups: others.length === 0 ? 'OTHER_GROUP_ID' : others,
      }),
    ],
  }
}

type Database = Awaited<ReturnType<typeof allDatabases>>[number]

async function databasesWith(
  clients: Clients,
  isMeant: (database: Database) => boolean,
): Promise<Dependent[]> {
  return (await allDatabases(clients))
    .filter(isMeant)
    .map(({ DBInstanceIdentifier: id, DBInstanceStatus }) => ({
      by: DBInstanceStatus === 'deleting' ? undefined : id,
      what: `the database ${id}`,
      run: [],
    }))
}

async function dependentsOfVolume({ ec2 }: Clients, id: string, region: string): Promise<Dependent[]> {
  const Filters = [{ Name: 'volume-id', Values: [id] }]
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ Filters }))
  return Volumes.flatMap(({ Attachments = [] }) => Attachments).map(({ InstanceId }) => ({
    by: InstanceId,
    what: `the instance ${InstanceId}`,
    run: [aws(region, 'ec2', 'detach-volume', { 'volume-id': id })],
  }))
}

async function dependentsOfAddress({ ec2 }: Clients, id: string, region: string): Promise<Dependent[]> {
  const Filters = [{ Name: 'allocation-id', Values: [id] }]
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({ Filters }))
  return Addresses.filter(({ AssociationId }) => AssociationId !== undefined).map(
    ({ AssociationId, InstanceId, NetworkInterfaceId }) => ({
      by: InstanceId || NetworkInterfaceId,
      what: `${InstanceId || NetworkInterfaceId}, which has it`,
      run: [aws(region, 'ec2', 'disassociate-address', { 'association-id': AssociationId })],
    }),
  )
}
