import { allowingRule, decidingEntry, type FarEnd, REPLY_PORT } from '../../net/firewall.ts'
import type { Database, GroupRule, Instance, RegionState } from '../state.ts'

/** Where a connection starts: the student's laptop, somewhere on the internet, or an instance. */
export type Source =
  | { readonly kind: 'laptop'; readonly address: string }
  | { readonly kind: 'instance'; readonly instance: Instance }

export type Destination =
  | { readonly kind: 'instance'; readonly instance: Instance; readonly port: number }
  | { readonly kind: 'database'; readonly database: Database; readonly port: number }

/** `passes`, or the place where the packets are dropped. */
export type Verdict =
  | { readonly passes: true; readonly tracked: boolean }
  | { readonly passes: false; readonly droppedBy: string }

/** Decides, by the rules as they are now, whether a new connection gets through. */
export function verdict(region: RegionState, source: Source, destination: Destination): Verdict {
  const cut = cutBy(region, source, destination)
  if (cut !== undefined) return { passes: false, droppedBy: cut }
  const target = targetOf(destination)
  if (source.kind === 'instance') {
    const far: FarEnd = { address: target.privateAddress, groupIds: target.groupIds }
    const rules = rulesOf(region, source.instance.groupIds)
    if (!allowingRule(rules, 'egress', destination.port, far))
      return { passes: false, droppedBy: 'egress rules' }
  }
  const rules = rulesOf(region, target.groupIds)
  if (!allowingRule(rules, 'ingress', destination.port, farEndOf(source))) {
    return { passes: false, droppedBy: 'ingress rules' }
  }
  return { passes: true, tracked: !isOpenToAll(rules, destination.port) }
}

/** Decides whether a server gets through to an address of the internet, by its own rules: AWS knows nothing of the far end's. */
export function verdictOutside(
  region: RegionState,
  instance: Instance,
  address: string,
  port: number,
): Verdict {
  const drop = (droppedBy: string): Verdict => ({ passes: false, droppedBy })
  if (instance.state !== 'running') return drop('no server')
  if (instance.publicAddress === undefined) return drop('no public address')
  if (!reachesInternet(region, instance.subnetId)) return drop('no route to the internet')
  const far: FarEnd = { address, groupIds: [] }
  if (!allowingRule(rulesOf(region, instance.groupIds), 'egress', port, far)) return drop('egress rules')
  const isThrough =
    aclPassesAt(region, instance.subnetId, true, port, address) &&
    aclPassesAt(region, instance.subnetId, false, REPLY_PORT, address)
  return isThrough ? { passes: true, tracked: true } : drop('network ACL')
}

/** Whether a connection that was let in still gets through: once tracked, it is no business of the groups. */
export function stillPasses(
  region: RegionState,
  source: Source,
  destination: Destination,
  tracked: boolean,
): boolean {
  return tracked
    ? cutBy(region, source, destination) === undefined
    : verdict(region, source, destination).passes
}

/** Why no packet gets through, for new connections and old; leaves the security groups aside. */
function cutBy(region: RegionState, source: Source, destination: Destination): string | undefined {
  const fromOutside = source.kind === 'laptop'
  if (destination.kind === 'instance' && destination.instance.state !== 'running') return 'no server'
  if (source.kind === 'instance' && source.instance.vpcId !== targetOf(destination).vpcId)
    return 'another VPC'
  if (fromOutside && !hasPublicAddress(destination)) return 'no public address'
  const subnetId = subnetOf(region, destination)
  if (fromOutside && !reachesInternet(region, subnetId)) return 'no route to the internet'
  const { address } = farEndOf(source)
  return aclPasses(region, source, destination, subnetId, address) ? undefined : 'network ACL'
}

/** AWS tracks no connection that everyone may open and that may be answered to everyone on every port. */
function isOpenToAll(rules: readonly GroupRule[], port: number): boolean {
  const open = rules.filter(({ peer }) => peer.kind === 'cidr' && peer.cidr === '0.0.0.0/0')
  const anyone: FarEnd = { address: '0.0.0.0', groupIds: [] }
  const replies = open.filter(({ protocol, fromPort, toPort }) => {
    return protocol === '-1' || (fromPort === 0 && toPort === 65_535)
  })
  return (
    allowingRule(open, 'ingress', port, anyone) !== undefined &&
    allowingRule(replies, 'egress', port, anyone) !== undefined
  )
}

function targetOf(destination: Destination): Instance | Database {
  return destination.kind === 'instance' ? destination.instance : destination.database
}

function rulesOf(region: RegionState, groupIds: readonly string[]): GroupRule[] {
  return region.groups.filter((group) => groupIds.includes(group.id)).flatMap((group) => group.rules)
}

function farEndOf(source: Source): FarEnd {
  return source.kind === 'laptop'
    ? { address: source.address, groupIds: [] }
    : { address: source.instance.privateAddress, groupIds: source.instance.groupIds }
}

function hasPublicAddress(destination: Destination): boolean {
  return destination.kind === 'instance'
    ? destination.instance.publicAddress !== undefined
    : destination.database.publiclyAccessible
}

function subnetOf(region: RegionState, destination: Destination): string {
  if (destination.kind === 'instance') return destination.instance.subnetId
  const { subnetGroup, zone } = destination.database
  const members = region.subnetGroups.find((group) => group.name === subnetGroup)?.subnetIds ?? []
  return region.subnets.find((subnet) => members.includes(subnet.id) && subnet.zone === zone)?.id ?? ''
}

function reachesInternet(region: RegionState, subnetId: string): boolean {
  const vpcId = region.subnets.find((subnet) => subnet.id === subnetId)?.vpcId
  const table =
    region.routeTables.find((each) => each.subnetIds.includes(subnetId)) ??
    region.routeTables.find((each) => each.vpcId === vpcId && each.main)
  const target = table?.routes.find((route) => route.destination === '0.0.0.0/0')?.target
  return region.internetGateways.some((gateway) => gateway.id === target && gateway.vpcId === vpcId)
}

function aclPasses(
  region: RegionState,
  source: Source,
  destination: Destination,
  subnetId: string,
  farAddress: string,
): boolean {
  const { port } = destination
  const nearPasses =
    aclPassesAt(region, subnetId, false, port, farAddress) &&
    aclPassesAt(region, subnetId, true, REPLY_PORT, farAddress)
  // Within one subnet no ACL is passed; between two, both are.
  if (source.kind === 'laptop') return nearPasses
  const { subnetId: farSubnet } = source.instance
  if (farSubnet === subnetId) return true
  const { privateAddress } = targetOf(destination)
  return (
    nearPasses &&
    aclPassesAt(region, farSubnet, true, port, privateAddress) &&
    aclPassesAt(region, farSubnet, false, REPLY_PORT, privateAddress)
  )
}

/** A subnet without an ACL, which AWS does not know, drops nothing. */
function aclPassesAt(
  region: RegionState,
  subnetId: string,
  egress: boolean,
  port: number,
  address: string,
): boolean {
  const acl = region.networkAcls.find((each) => each.subnetIds.includes(subnetId))
  return acl === undefined || (decidingEntry(acl.entries, egress, port, address)?.allow ?? false)
}
