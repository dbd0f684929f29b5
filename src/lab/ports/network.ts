import type { AclEntry } from '../../net/firewall.ts'
import type { Network, Subnet } from '../lab.ts'

export interface Networks {
  /** Where the lab can be built; ends in a finding when nowhere. */
  findNetwork(): Promise<Network>
  /** How the VPC is laid out. */
  examineNetwork(vpcId: string): Promise<NetworkSeen>
  /** The id of the internet gateway of a VPC. */
  internetGateway(vpcId: string): Promise<string | undefined>
  /** Whether VPC Block Public Access shuts the region’s internet gateways, in AWS’s words; undefined where it does not tell. */
  blockedAccess(): Promise<'off' | 'block-ingress' | 'block-bidirectional' | undefined>
}

export interface NetworkSeen {
  readonly subnets: readonly (Subnet & { readonly cidr: string })[]
  readonly routeTables: readonly RouteTableSeen[]
  readonly acls: readonly {
    readonly id: string
    readonly subnetIds: readonly string[]
    readonly entries: readonly AclEntry[]
  }[]
}

export interface RouteTableSeen {
  readonly id: string
  readonly isMain: boolean
  readonly subnetIds: readonly string[]
  /** A route stays when its target is gone, and is not active then. */
  readonly routes: readonly {
    readonly destination: string
    readonly target: string
    readonly isActive: boolean
  }[]
}
