import type { Login } from '../../src/checks/evidence/log-in.ts'
import type { Evidence } from '../../src/checks/evidence.ts'
import type { Reachability } from '../../src/host/commands.ts'
import type { LabError } from '../../src/lab/finding.ts'
import type { DatabaseSeen } from '../../src/lab/ports/databases.ts'
import type { Group, GroupRole, GroupRule, GroupSeen } from '../../src/lab/ports/groups.ts'
import type { NetworkSeen } from '../../src/lab/ports/network.ts'
import type { ServerSeen } from '../../src/lab/ports/servers.ts'
import { seen } from '../phases/fake-kit.ts'

export interface World {
  readonly server?: Partial<ServerSeen>
  readonly database?: Partial<DatabaseSeen>
  /** All groups of the VPC; those that the server and the database carry are told by their ids. */
  readonly groups?: readonly GroupSeen[]
  readonly own?: Partial<Record<GroupRole, Group>>
  readonly isHandmade?: boolean
  readonly network?: Partial<NetworkSeen>
  /** How every new connection ends. */
  readonly way?: Reachability
  /** How logging in to the server ends. */
  readonly login?: Login['how']
  /** What it says where it fails. */
  readonly refusal?: LabError
  /** The site's own, where it ends otherwise than every new connection. */
  readonly site?: Reachability
  /** By VPC Block Public Access. */
  readonly blockedAccess?: 'off' | 'block-ingress' | 'block-bidirectional'
  readonly kit?: object
}

/** A lab as AWS shows it; what a test does not name is as the lab was made, and no connection comes through. */
export function fakeEvidence({
  groups = [],
  own = {},
  isHandmade = false,
  way = 'silent',
  ...world
}: World): Evidence {
  const server = seen(world.server ?? {})
  const database: DatabaseSeen = {
    id: 'flaskdb-instance',
    status: 'available',
    endpoint: { host: 'db.example', port: 3306 },
    vpcId: 'vpc-1',
    groupIds: ['sg-database'],
    subnetIds: ['subnet-b'],
    zone: 'us-east-1b',
    isPublic: false,
    engineVersion: '8.4.6',
    extendedSupport: false,
    authority: 'rds-ca-rsa2048-g1',
    certificateEnds: undefined,
    ...world.database,
  }
  const network: NetworkSeen = {
    subnets: [
      { id: 'subnet-a', zone: 'us-east-1a', cidr: '172.31.0.0/20' },
      { id: 'subnet-b', zone: 'us-east-1b', cidr: '172.31.16.0/20' },
    ],
    routeTables: [],
    acls: [],
    ...world.network,
  }
  // What a check asks beyond this fails its test.
  return {
    kit: {
      isHandmade,
      cloud: { region: 'us-east-1' },
      record: { value: { allowFrom: '0.0.0.0/0' } },
      ...world.kit,
    },
    server: async () => server,
    database: async () => database,
    groups: async () => ({
      server: groups.filter(({ id }) => server.groupIds.includes(id)),
      database: groups.filter(({ id }) => database.groupIds.includes(id)),
    }),
    ownGroups: async () => (isHandmade ? {} : own),
    network: async () => network,
    myAddress: async () => '203.0.113.7',
    blockedAccess: async () => world.blockedAccess,
    ssh: async () => way,
    site: async () => world.site ?? way,
    databaseFromServer: async () => way,
    login: async () => ({ how: world.login ?? 'denied', error: world.refusal }),
  } as unknown as Evidence
}

export function groupOf(id: string, name: string, ...rules: readonly GroupRule[]): GroupSeen {
  return { id, name, rules }
}

export function rule(
  direction: GroupRule['direction'],
  port: number | 'everything',
  peer: string,
): GroupRule {
  const [protocol, fromPort] = port === 'everything' ? (['-1', -1] as const) : (['tcp', port] as const)
  return {
    id: `sgr-${direction}-${port}`,
    description: '',
    direction,
    protocol,
    fromPort,
    toPort: fromPort,
    peer: peer.startsWith('sg-') ? { kind: 'group', groupId: peer } : { kind: 'cidr', cidr: peer },
  }
}
