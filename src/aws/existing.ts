import type { Resource, ResourceKind } from '../lab/ports/resources.ts'
import type { Clients } from './clients.ts'
import { isThere } from './instance.ts'
import {
  allDatabases,
  allSubnetGroups,
  groupsBy,
  instancesBy,
  interfacesBy,
  keyPairsBy,
  volumesBy,
} from './lists.ts'
import {
  DescribeAddressesCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
} from './sdk.ts'
import type { Filter } from './tags.ts'

type Ids = readonly (string | undefined)[]

/** Which of these exist. By filters, since ids asked for by name are an error when one of them is gone. */
const present: Readonly<Record<ResourceKind, (clients: Clients, ids: string[]) => Promise<Ids>>> = {
  server: async (clients, ids) =>
    (await instancesBy(clients, by('instance-id', ids))).filter(isThere).map(({ InstanceId }) => InstanceId),
  volume: async (clients, ids) =>
    (await volumesBy(clients, by('volume-id', ids))).map(({ VolumeId }) => VolumeId),
  'network-interface': async (clients, ids) =>
    (await interfacesBy(clients, by('network-interface-id', ids))).map(
      ({ NetworkInterfaceId }) => NetworkInterfaceId,
    ),
  'security-group': async (clients, ids) =>
    (await groupsBy(clients, by('group-id', ids))).map(({ GroupId }) => GroupId),
  'key-pair': async (clients, ids) =>
    (await keyPairsBy(clients, by('key-pair-id', ids))).map(({ KeyPairId }) => KeyPairId),
  address: async ({ ec2 }, ids) => {
    const { Addresses = [] } = await ec2.send(
      new DescribeAddressesCommand({ Filters: by('allocation-id', ids) }),
    )
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
    const { DBSnapshots = [] } = await rds.send(
      new DescribeDBSnapshotsCommand({ Filters: by('db-snapshot-id', ids) }),
    )
    return DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier)
  },
  'automated-backup': async ({ rds }, ids) => {
    const { DBInstanceAutomatedBackups = [] } = await rds.send(
      new DescribeDBInstanceAutomatedBackupsCommand({ Filters: by('dbi-resource-id', ids) }),
    )
    return DBInstanceAutomatedBackups.map(({ DbiResourceId }) => DbiResourceId)
  },
  // RDS does not delete them, and neither do we.
  'log-group': async (_clients, ids) => ids,
}

function by(Name: string, Values: string[]): Filter[] {
  return [{ Name, Values }]
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
