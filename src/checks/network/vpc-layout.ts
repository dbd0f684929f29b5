import type { DatabaseSeen } from '../../lab/ports/databases.ts'
import type { NetworkSeen } from '../../lab/ports/network.ts'

export function routeTableOf({ routeTables }: NetworkSeen, subnetId: string) {
  return (
    routeTables.find((table) => table.subnetIds.includes(subnetId)) ??
    routeTables.find((table) => table.isMain)
  )
}

/** The database's subnet: the subnet of its group in its zone. */
export function databaseSubnet({ subnets }: NetworkSeen, { subnetIds, zone }: DatabaseSeen) {
  return subnets.find((subnet) => subnetIds.includes(subnet.id) && subnet.zone === zone)
}

/** RDS tells no private address: one within the database's subnet stands for it. */
export function addressIn(layout: NetworkSeen, database: DatabaseSeen): string {
  return databaseSubnet(layout, database)?.cidr.split('/')[0] ?? ''
}
