import type {
  Address,
  Instance,
  KeyPairInfo,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Volume,
} from '@aws-sdk/client-ec2'
import type { DBInstance, DBInstanceAutomatedBackup, DBSnapshot, DBSubnetGroup } from '@aws-sdk/client-rds'
import type { Clients } from './clients.ts'
import {
  DescribeAddressesCommand,
  DescribeKeyPairsCommand,
  paginateDescribeDBInstanceAutomatedBackups,
  paginateDescribeDBInstances,
  paginateDescribeDBSnapshots,
  paginateDescribeDBSubnetGroups,
  paginateDescribeInstances,
  paginateDescribeNetworkInterfaces,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVolumes,
} from './sdk.ts'
import { carries, type Filter } from './tags.ts'

// AWS's lists, to the last page. Within one look each list is asked for once with the same filters.

/** The instances that pass the filters; AWS takes wildcards in tags, so tags are compared here once more. */
export async function instancesBy(clients: Clients, Filters: Filter[]): Promise<Instance[]> {
  const { ec2: client } = clients
  const reservations = await clients.once(question('instances', Filters), () =>
    all(paginateDescribeInstances({ client }, { Filters }), ({ Reservations }) => Reservations),
  )
  return reservations.flatMap(({ Instances = [] }) => Instances).filter(({ Tags }) => carries(Tags, Filters))
}

export async function volumesBy(clients: Clients, Filters: Filter[]): Promise<Volume[]> {
  const { ec2: client } = clients
  const volumes = await clients.once(question('volumes', Filters), () =>
    all(paginateDescribeVolumes({ client }, { Filters }), ({ Volumes }) => Volumes),
  )
  return volumes.filter(({ Tags }) => carries(Tags, Filters))
}

export async function interfacesBy(clients: Clients, Filters: Filter[]): Promise<NetworkInterface[]> {
  const { ec2: client } = clients
  const interfaces = await clients.once(question('interfaces', Filters), () =>
    all(
      paginateDescribeNetworkInterfaces({ client }, { Filters }),
      ({ NetworkInterfaces }) => NetworkInterfaces,
    ),
  )
  return interfaces.filter(({ TagSet }) => carries(TagSet, Filters))
}

export async function groupsBy(clients: Clients, Filters: Filter[]): Promise<SecurityGroup[]> {
  const { ec2: client } = clients
  const groups = await clients.once(question('groups', Filters), () =>
    all(paginateDescribeSecurityGroups({ client }, { Filters }), ({ SecurityGroups }) => SecurityGroups),
  )
  return groups.filter(({ Tags }) => carries(Tags, Filters))
}

/** All rules of these groups. */
export function rulesOf(clients: Clients, groupIds: readonly string[]): Promise<SecurityGroupRule[]> {
  const Filters = [{ Name: 'group-id', Values: [...groupIds] }]
  const { ec2: client } = clients
  return clients.once(question('rules', Filters), () =>
    all(
      paginateDescribeSecurityGroupRules({ client }, { Filters }),
      ({ SecurityGroupRules }) => SecurityGroupRules,
    ),
  )
}

export async function keyPairsBy(clients: Clients, Filters: Filter[]): Promise<KeyPairInfo[]> {
  const { KeyPairs = [] } = await clients.once(question('key pairs', Filters), () =>
    clients.ec2.send(new DescribeKeyPairsCommand({ Filters })),
  )
  return KeyPairs.filter(({ Tags }) => carries(Tags, Filters))
}

export async function allAddresses(clients: Clients): Promise<Address[]> {
  const { Addresses = [] } = await clients.once('addresses', () =>
    clients.ec2.send(new DescribeAddressesCommand({})),
  )
  return Addresses
}

export function subnetsOf(clients: Clients, vpcId: string): Promise<Subnet[]> {
  const { ec2: client } = clients
  return clients.once(`subnets ${vpcId}`, () =>
    all(paginateDescribeSubnets({ client }, ofVpc(vpcId)), ({ Subnets }) => Subnets),
  )
}

export function routeTablesOf(clients: Clients, vpcId: string): Promise<RouteTable[]> {
  const { ec2: client } = clients
  return clients.once(`route tables ${vpcId}`, () =>
    all(paginateDescribeRouteTables({ client }, ofVpc(vpcId)), ({ RouteTables }) => RouteTables),
  )
}

/** Lists the whole region: DescribeDBInstances knows no filter by tag. */
export function allDatabases(clients: Pick<Clients, 'rds' | 'once'>): Promise<DBInstance[]> {
  const { rds: client } = clients
  return clients.once('databases', () =>
    all(paginateDescribeDBInstances({ client }, {}), ({ DBInstances }) => DBInstances),
  )
}

export function allSubnetGroups(clients: Clients): Promise<DBSubnetGroup[]> {
  const { rds: client } = clients
  return clients.once('subnet groups', () =>
    all(paginateDescribeDBSubnetGroups({ client }, {}), ({ DBSubnetGroups }) => DBSubnetGroups),
  )
}

/** The snapshots that somebody has asked for, not RDS's own. */
export function manualSnapshots(clients: Clients): Promise<DBSnapshot[]> {
  const { rds: client } = clients
  return clients.once('snapshots', () =>
    all(
      paginateDescribeDBSnapshots({ client }, { SnapshotType: 'manual' }),
      ({ DBSnapshots }) => DBSnapshots,
    ),
  )
}

/** Backups of databases that are gone; those of a database that is there go with it. */
export function keptBackups(clients: Clients): Promise<DBInstanceAutomatedBackup[]> {
  const Filters = [{ Name: 'status', Values: ['retained'] }]
  const { rds: client } = clients
  return clients.once('backups', () =>
    all(
      paginateDescribeDBInstanceAutomatedBackups({ client }, { Filters }),
      ({ DBInstanceAutomatedBackups }) => DBInstanceAutomatedBackups,
    ),
  )
}

async function all<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of pages) items.push(...(itemsOf(page) ?? []))
  return items
}

function question(of: string, filters: readonly Filter[]): string {
  return `${of} ${JSON.stringify(filters)}`
}

function ofVpc(vpcId: string) {
  return { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }
}
