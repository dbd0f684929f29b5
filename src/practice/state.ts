import type { AclEntry, FirewallRule } from '../net/firewall.ts'

/**
 * The state of the practice cloud, as plain data: it is saved whole after every change and read back at the next
 * start. Times are milliseconds since 1970. Everything derivable (network interfaces, attachments) is derived.
 */
export interface CloudState {
  readonly version: 1
  readonly account: string
  /** The student's laptop as the practice internet sees it: "my IP" in every rule. */
  laptopAddress: string
  /** By how much the laptop's clock is ahead of the cloud's. */
  laptopClockMs?: number
  /** Whether the practice key is refused as one that has expired. */
  keyExpired?: boolean
  /** Who shares the account with the practice key’s owner. */
  users?: User[]
  /** The account's limits that differ from the usual ones. */
  limits?: Partial<Limits>
  readonly regions: Record<string, RegionState>
  /** Loopback ports that stand for what can be dialled, by `<instance or database resource id>:<port>`. Never reused. */
  readonly ports: Record<string, number>
  /** How many public addresses have been given out: they are given in turn. */
  publicAddressesGiven?: number
}

export interface Limits {
  readonly plan: 'FREE' | 'PAID'
  readonly vcpus: number
  readonly databases: number
}

export interface User {
  readonly name: string
  readonly id: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface RegionState {
  vpcs: Vpc[]
  subnets: Subnet[]
  routeTables: RouteTable[]
  internetGateways: InternetGateway[]
  networkAcls: NetworkAcl[]
  groups: SecurityGroup[]
  keyPairs: KeyPair[]
  instances: Instance[]
  volumes: Volume[]
  subnetGroups: DatabaseSubnetGroup[]
  databases: Database[]
  databaseEvents: DatabaseEvent[]
}

export type Tags = Record<string, string>

export interface Vpc {
  readonly id: string
  readonly cidr: string
  readonly isDefault: boolean
  tags: Tags
}

export interface Subnet {
  readonly id: string
  readonly vpcId: string
  readonly cidr: string
  readonly zone: string
  readonly zoneId: string
  readonly defaultForZone: boolean
  mapPublicIp: boolean
  tags: Tags
}

export interface RouteTable {
  readonly id: string
  readonly vpcId: string
  readonly main: boolean
  subnetIds: string[]
  routes: { destination: string; target: string }[]
  tags: Tags
}

export interface InternetGateway {
  readonly id: string
  vpcId: string | undefined
  tags: Tags
}

export interface NetworkAcl {
  readonly id: string
  readonly vpcId: string
  readonly isDefault: boolean
  subnetIds: string[]
  entries: AclEntry[]
  tags: Tags
}

export interface SecurityGroup {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly vpcId: string
  rules: GroupRule[]
  tags: Tags
}

export interface GroupRule extends FirewallRule {
  readonly id: string
  readonly description: string | undefined
  tags: Tags
}

export interface KeyPair {
  readonly id: string
  readonly name: string
  readonly type: 'rsa' | 'ed25519'
  readonly fingerprint: string
  /** One line as in authorized_keys: `ssh-ed25519 AAAA… comment`. */
  readonly publicKey: string
  readonly createdAt: number
  tags: Tags
}

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped'

export interface Instance {
  readonly id: string
  readonly reservationId: string
  readonly imageId: string
  readonly type: string
  readonly subnetId: string
  readonly vpcId: string
  readonly zone: string
  readonly keyName: string | undefined
  readonly privateAddress: string
  readonly interfaceId: string
  readonly volumeIds: string[]
  readonly clientToken: string | undefined
  /** Digest of the launch request, to tell a repeated client token with other parameters. */
  readonly launchDigest: string
  hasPublicAddress: boolean
  readonly httpTokens: 'required' | 'optional'
  readonly httpHopLimit?: number
  readonly userData: string | undefined
  state: InstanceState
  /** When the present state was entered. */
  since: number
  launchedAt: number
  publicAddress: string | undefined
  groupIds: string[]
  terminationProtected: boolean
  stateReason: { code: string; message: string } | undefined
  interfaceTags: Tags
  tags: Tags
}

export interface Volume {
  readonly id: string
  readonly zone: string
  readonly sizeGib: number
  readonly type: string
  readonly encrypted: boolean
  readonly createdAt: number
  readonly deleteOnTermination: boolean
  instanceId: string | undefined
  device: string
  tags: Tags
}

export interface DatabaseSubnetGroup {
  readonly name: string
  readonly description: string
  readonly vpcId: string
  subnetIds: string[]
  tags: Tags
}

export type DatabaseStatus =
  | 'creating'
  | 'backing-up'
  | 'available'
  | 'modifying'
  | 'moving-to-vpc'
  | 'upgrading'
  | 'resetting-master-credentials'
  | 'rebooting'
  | 'stopping'
  | 'stopped'
  | 'starting'
  | 'deleting'
  | 'failed'

export interface Database {
  readonly id: string
  readonly resourceId: string
  readonly engine: 'mysql'
  engineVersion: string
  readonly masterUser: string
  readonly port: number
  readonly createdAt: number
  subnetGroup: string
  vpcId: string
  zone: string
  privateAddress: string
  readonly storageType: string
  readonly encrypted: boolean
  readonly databaseName: string | undefined
  readonly lifecycleSupport: string
  readonly interfaceId: string
  class: string
  storageGib: number
  status: DatabaseStatus
  /** When the present status was entered. */
  since: number
  publiclyAccessible: boolean
  backupRetentionDays: number
  deletionProtection: boolean
  groupIds: string[]
  /** Changes that wait for the maintenance window, or for a modification that is to apply at once. */
  pending?: PendingChanges
  tags: Tags
}

export interface PendingChanges {
  readonly class?: string
  readonly storageGib?: number
  readonly backupRetentionDays?: number
  readonly engineVersion?: string
  /** Into the VPC of another subnet group. */
  readonly move?: { readonly subnetGroup: string; readonly groupIds: readonly string[] }
}

export interface DatabaseEvent {
  readonly databaseId: string
  readonly at: number
  readonly message: string
}
