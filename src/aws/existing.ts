import type { Resource, ResourceKind } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { allDatabases, allSubnetGroups } from './lists.ts'
import {
  DescribeAddressesCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVolumesCommand,
} from './sdk.ts'

type Ids = readonly (string | undefined)[]

/** Which of these exist. By filters, since ids asked for by name are an error when one of them is gone. */
const present: Readonly<Record<ResourceKind, (clients: Clients, ids: string[]) => Promise<Ids>>> = {
  server: async ({ ec2 }, ids) => {
    const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand(by('instance-id', ids)))
    return Reservations.flatMap(({ Instances = [] }) => Instances)
      .filter(({ State }) => State?.Name !== 'terminated')
      .map(({ InstanceId }) => InstanceId)
  },
  volume: async ({ ec2 }, ids) => {
    const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand(by('volume-id', ids)))
    return Volumes.map(({ VolumeId }) => VolumeId)
  },
  'network-interface': async ({ ec2 }, ids) => {
    const { NetworkInterfaces = [] } = await ec2.send(
      new DescribeNetworkInterfacesCommand(by('network-interface-id', ids)),
    )
    return NetworkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId)
  },
  'security-group': async ({ ec2 }, ids) => {
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand(by('group-id', ids)))
    return SecurityGroups.map(({ GroupId }) => GroupId)
  },
  'key-pair': async ({ ec2 }, ids) => {
    const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand(by('key-pair-id', ids)))
    return KeyPairs.map(({ KeyPairId }) => KeyPairId)
  },
  address: async ({ ec2 }, ids) => {
    const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand(by('allocation-id', ids)))
    return Addresses.map(({ AllocationId }) => AllocationId)
  },
  database: async (clients) =>
    (await allDatabases(clients)).flatMap(({ DBInstanceIdentifier, DbiResourceId }) => [
      DBInstanceIdentifier,
      DbiResourceId,
    ]),
  'subnet-group': async (clients) =>
    (await allSubnetGroups(clients)).map(({ DBSubnetGroupName }) => DBSubnetGroupName),
  snapshot: async ({ rds }, ids) => {
    const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand(by('db-snapshot-id', ids)))
    return DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier)
  },
  'automated-backup': async ({ rds }, ids) => {
    const { DBInstanceAutomatedBackups = [] } = await rds.send(
      new DescribeDBInstanceAutomatedBackupsCommand(by('dbi-resource-id', ids)),
    )
    return DBInstanceAutomatedBackups.map(({ DbiResourceId }) => DbiResourceId)
  },
  // RDS does not delete them, and neither do we.
  'log-group': async (_clients, ids) => ids,
}

function by(Name: string, Values: string[]) {
  return { Filters: [{ Name, Values }] }
}

/** Looks for each by its id; the lab's tags do not matter. */
export async function stillExisting(clients: Clients, resources: readonly Resource[]): Promise<Resource[]> {
  const kinds = [...new Set(resources.map(({ kind }) => kind))]
  const found = await Promise.all(
    kinds.map(async (kind) => {
      const ofKind = resources.filter((each) => each.kind === kind)
      const ids = new Set(
        await present[kind](
          clients,
          ofKind.map(({ id }) => id),
        ),
      )
      return ofKind.filter(({ id, uniqueId = id }) => ids.has(uniqueId))
    }),
  )
  return found.flat()
}
