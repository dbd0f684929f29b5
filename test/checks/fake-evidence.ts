import type { Login } from '../../src/checks/evidence/entry.ts'
import type { Evidence, ExaminedLab } from '../../src/checks/evidence.ts'
import type { Reachability } from '../../src/host/commands.ts'
import type { ServerSurvey } from '../../src/host/server-survey.ts'
import type { Outcome } from '../../src/lab/check.ts'
import { commandLines } from '../../src/lab/command-text.ts'
import type { Finding } from '../../src/lab/finding.ts'
import type { LabRecord } from '../../src/lab/lab-record.ts'
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
  /** Its finding, where it fails. */
  readonly refusal?: Finding
  /** The site's own, where it ends otherwise than every new connection. */
  readonly site?: Reachability
  /** By VPC Block Public Access. */
  readonly blockedAccess?: 'off' | 'block-ingress' | 'block-bidirectional'
  readonly lab?: Partial<Omit<ExaminedLab, 'record'>>
  readonly record?: Partial<LabRecord>
}

type Faked =
  | 'lab'
  | 'server'
  | 'database'
  | 'groups'
  | 'ownGroups'
  | 'network'
  | 'myAddress'
  | 'blockedAccess'
  | 'internetGateway'
  | 'ssh'
  | 'site'
  | 'databaseFromServer'
  | 'login'
  | 'clockOffset'

/** A lab as AWS shows it; what a test does not name is as the lab was made, and no connection comes through. */
export function fakeEvidence({
  groups = [],
  own = {},
  isHandmade = false,
  way = 'silent',
  ...world
}: World): Pick<Evidence, Faked> {
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
  return {
    lab: {
      isHandmade,
      region: 'us-east-1',
      keyFile: 'key.pem',
      laptop: { setClock: [], renewCredentials: [], keepsRightsInLists: false },
      examinedAt: 0,
      ...world.lab,
      record: {
        version: 1,
        id: '0a1b',
        name: 'lab',
        target: 'aws',
        region: 'us-east-1',
        madeAt: '2026-01-01T00:00:00Z',
        allowFrom: '0.0.0.0/0',
        hostKeys: {},
        ...world.record,
      },
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
    internetGateway: async () => 'igw-1',
    ssh: async () => way,
    site: async () => world.site ?? way,
    databaseFromServer: async () => way,
    login: async () => {
      const how = world.login ?? 'denied'
      if (how === 'in') return { how }
      return world.refusal === undefined ? { how } : { how, finding: world.refusal }
    },
    clockOffset: async () => 0,
  }
}

/** A server on which all is as the lab has put it there. */
export function surveyOf(change: Partial<ServerSurvey> = {}): ServerSurvey {
  return {
    isWhole: true,
    host: { home: '/home/ec2-user', node: '/usr/bin/node-22' },
    freeMib: 5_000,
    largeFiles: [],
    node: { works: true, said: '/usr/bin/node-22\nv22.0.0' },
    mysql: { works: true, said: '/usr/bin/mysql\nmysql  Ver 15.1' },
    mysqlOptions: { works: true, said: '' },
    missing: [],
    sums: {},
    env: { is: 'file', settings: {}, hasMark: false },
    config: { settings: {}, tls: 'unnamed' },
    unit: '',
    databaseAddresses: ['172.31.16.9'],
    ...change,
  }
}

/** The commands of its finding as they are typed. */
export function linesOf(outcome: Outcome): readonly string[] {
  return 'finding' in outcome ? commandLines(outcome.finding.remedy.run ?? []) : []
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
