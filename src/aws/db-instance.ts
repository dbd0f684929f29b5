import type { DBInstance } from '@aws-sdk/client-rds'
import type { DatabaseSeen } from '../lab/ports/databases.ts'
import type { Resource } from '../lab/ports/resources.ts'
import type { BilledDatabase } from '../lab/usage.ts'
import { resource } from './tagged.ts'

// Each function takes from AWS's shape of a database what the lab needs for one purpose.

/** A database that is being deleted is nobody's any more. */
export function isStaying({ DBInstanceStatus }: DBInstance): boolean {
  return DBInstanceStatus !== 'deleting'
}

export function databaseSeen(instance: DBInstance): DatabaseSeen {
  const { Address: host, Port: port } = instance.Endpoint ?? {}
  return {
    id: instance.DBInstanceIdentifier ?? '',
    status: instance.DBInstanceStatus ?? '',
    // The endpoint's name goes into remote commands: anything but a host name is no endpoint.
    endpoint:
      host !== undefined && /^[a-z0-9.-]+$/.test(host) && port !== undefined ? { host, port } : undefined,
    vpcId: instance.DBSubnetGroup?.VpcId ?? '',
    groupIds: (instance.VpcSecurityGroups ?? []).map((group) => group.VpcSecurityGroupId ?? ''),
    subnetIds: (instance.DBSubnetGroup?.Subnets ?? []).map((subnet) => subnet.SubnetIdentifier ?? ''),
    zone: instance.AvailabilityZone ?? '',
    isPublic: instance.PubliclyAccessible === true,
    engineVersion: instance.EngineVersion ?? '',
    extendedSupport: instance.EngineLifecycleSupport === 'open-source-rds-extended-support',
    authority: instance.CertificateDetails?.CAIdentifier,
    certificateEnds: instance.CertificateDetails?.ValidTill?.getTime(),
  }
}

export function databaseResource(database: DBInstance): Resource {
  const { DBInstanceIdentifier: id, DBInstanceStatus: state, InstanceCreateTime: madeAt } = database
  return {
    ...resource('database', id, id, { state, madeAt }),
    ...(database.DbiResourceId === undefined ? {} : { uniqueId: database.DbiResourceId }),
    ...(database.DeletionProtection ? { isProtected: true } : {}),
  }
}

export function billedDatabase(instance: DBInstance): BilledDatabase {
  return {
    id: instance.DBInstanceIdentifier ?? '',
    class: instance.DBInstanceClass ?? '',
    status: instance.DBInstanceStatus ?? '',
    createdAt: instance.InstanceCreateTime?.getTime(),
    restartsAt: instance.AutomaticRestartTime?.getTime(),
    diskType: instance.StorageType ?? '',
    gb: instance.AllocatedStorage ?? 0,
    engineVersion: instance.EngineVersion ?? '',
    extendedSupport: instance.EngineLifecycleSupport === 'open-source-rds-extended-support',
    isPublic: instance.PubliclyAccessible === true,
    isMultiAz: instance.MultiAZ === true,
  }
}
