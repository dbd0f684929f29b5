import type { AclEntry } from '../../net/firewall.ts'
import { newId } from '../cloud.ts'
import type { GroupRule, RegionState, SecurityGroup, Vpc } from '../state.ts'
import { zonesOf } from './regions.ts'

const VPC_CIDR = '172.31.0.0/16'

/** A region as a new account finds it: a default network and nothing in it. */
export function freshRegion(regionName: string): RegionState {
  const region: RegionState = {
    vpcs: [],
    subnets: [],
    routeTables: [],
    internetGateways: [],
    networkAcls: [],
    groups: [],
    keyPairs: [],
    instances: [],
    volumes: [],
    subnetGroups: [],
    databases: [],
    databaseEvents: [],
  }
  addDefaultNetwork(region, regionName)
  return region
}

/** Adds a default VPC with a subnet in each zone and a way to the internet, and tells the VPC's id. */
export function addDefaultNetwork(region: RegionState, regionName: string): string {
  const vpcId = newId('vpc')
  const gatewayId = newId('igw')
  const subnets = zonesOf(regionName).map((zone, index) => ({
    id: newId('subnet'),
    vpcId,
    cidr: `172.31.${index * 16}.0/20`,
    zone: zone.name,
    zoneId: zone.id,
    defaultForZone: true,
    mapPublicIp: true,
    tags: {},
  }))
  addVpc(region, { id: vpcId, cidr: VPC_CIDR, isDefault: true, tags: {} })
  region.subnets.push(...subnets)
  region.internetGateways.push({ id: gatewayId, vpcId, tags: {} })
  for (const table of region.routeTables.filter((each) => each.vpcId === vpcId)) {
    table.routes.push({ destination: '0.0.0.0/0', target: gatewayId })
  }
  for (const acl of region.networkAcls.filter((each) => each.vpcId === vpcId)) {
    acl.subnetIds = subnets.map((subnet) => subnet.id)
  }
  return vpcId
}

/** Adds a VPC with what AWS gives to each: a main route table, a network ACL that is open, and a group. */
export function addVpc(region: RegionState, vpc: Vpc): Vpc {
  region.vpcs.push(vpc)
  region.routeTables.push({
    id: newId('rtb'),
    vpcId: vpc.id,
    main: true,
    subnetIds: [],
    routes: [{ destination: vpc.cidr, target: 'local' }],
    tags: {},
  })
  region.networkAcls.push({
    id: newId('acl'),
    vpcId: vpc.id,
    isDefault: true,
    subnetIds: [],
    entries: [...openEntries(true), ...openEntries(false)],
    tags: {},
  })
  region.groups.push(defaultGroup(vpc.id))
  return vpc
}

function openEntries(egress: boolean): AclEntry[] {
  const anything = { egress, protocol: '-1', cidr: '0.0.0.0/0' }
  return [
    { number: 100, allow: true, ...anything },
    { number: 32767, allow: false, ...anything },
  ]
}

function defaultGroup(vpcId: string): SecurityGroup {
  const id = newId('sg')
  const fromItself: GroupRule = {
    id: newId('sgr'),
    direction: 'ingress',
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    peer: { kind: 'group', groupId: id },
    description: undefined,
    tags: {},
  }
  return {
    id,
    name: 'default',
    description: 'default VPC security group',
    vpcId,
    rules: [fromItself, allowAllEgress()],
    tags: {},
  }
}

/** The rule that AWS gives every new security group. */
export function allowAllEgress(): GroupRule {
  return {
    id: newId('sgr'),
    direction: 'egress',
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    peer: { kind: 'cidr', cidr: '0.0.0.0/0' },
    description: undefined,
    tags: {},
  }
}
