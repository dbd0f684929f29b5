import { handout } from './lab.ts'
import type { Meter } from './prices.ts'

/** The parts of a lab that a bill has lines for, as the cloud tells them; times in ms since 1970. */
export interface Inventory {
  readonly servers: readonly BilledServer[]
  readonly disks: readonly BilledDisk[]
  readonly databases: readonly BilledDatabase[]
}

export interface BilledServer {
  readonly id: string
  readonly type: string
  readonly state: 'pending' | 'running' | 'stopping' | 'stopped'
  /** The last start: AWS does not tell the earlier ones. */
  readonly startedAt: number
  /** When it stopped; undefined while it runs, and where AWS does not tell. */
  readonly stoppedAt: number | undefined
}

export interface BilledDisk {
  readonly id: string
  readonly type: string
  readonly gb: number
  readonly createdAt: number
  readonly serverId: string | undefined
}

export interface BilledDatabase {
  readonly id: string
  readonly class: string
  readonly status: string
  /** Undefined while it is being created. */
  readonly createdAt: number | undefined
  /** When AWS will start a stopped one by itself: seven days after it stopped. */
  readonly restartsAt: number | undefined
  readonly diskType: string
  readonly gb: number
  readonly engineVersion: string
  readonly extendedSupport: boolean
  readonly isPublic: boolean
  readonly isMultiAz: boolean
}

/** One line of a bill before it has a price. */
export interface Usage {
  /** Stays the same from lab to lab: `server`, `root-volume`, … */
  readonly id: string
  readonly what: string
  readonly meter: Meter
  /** How many units bill while it bills; undefined where that is not known. */
  readonly amount: number | undefined
  /** The fact that it is part of. */
  readonly fact: 'server' | 'database'
  /** When it began to bill; undefined where it has not yet. */
  readonly from: number | undefined
  /** Until when it has billed, `now` if it goes on; undefined where AWS does not tell. */
  readonly until: number | undefined
  readonly leastMs: number
  /** From when on it bills again, or still; undefined: not as things are. */
  readonly goesOn: number | undefined
}

/** AWS's minimums for each start of a server, a disk or a database. */
const SERVER_LEAST_MS = 60_000
const DATABASE_LEAST_MS = 600_000
const SEVEN_DAYS_MS = 7 * 24 * 3_600_000
/** The end of standard support for MySQL 8.0 on RDS: the surcharge begins on the day after. */
const SUPPORT_OF_8_0_ENDED = Date.parse('2026-08-01T00:00:00Z')
const VCPUS: Readonly<Record<string, number>> = { 'db.t3.micro': 2, 'db.t4g.micro': 2 }

/** The lab that the handout's phases would make, were it made now. */
export function plannedUsage(now: number): readonly Usage[] {
  const { serverType: type, diskType, diskGb, databaseClass, databaseDiskType, databaseGb } = handout
  const begins = { amount: 1, from: undefined, until: now, leastMs: 0, goesOn: now }
  return [
    { ...begins, id: 'server', what: `server (${type})`, meter: `server:${type}`, fact: 'server' },
    { ...begins, id: 'public-ipv4', what: 'its public IPv4 address', meter: 'address', fact: 'server' },
    {
      ...begins,
      id: 'root-volume',
      what: `its root volume (${diskGb} GB ${diskType})`,
      meter: `disk:${diskType}`,
      amount: diskGb,
      fact: 'server',
    },
    {
      ...begins,
      id: 'database',
      what: `database (${databaseClass})`,
      meter: `database:${databaseClass}`,
      fact: 'database',
    },
    {
      ...begins,
      id: 'database-storage',
      what: `its storage (${databaseGb} GB ${databaseDiskType})`,
      meter: `database-disk:${databaseDiskType}`,
      amount: databaseGb,
      fact: 'database',
    },
  ]
}

/** The extra line on the bill of MySQL 8.0, in place of 8.4. */
export function supportOf80(now: number): Usage {
  return {
    id: 'extended-support',
    what: 'extended support for MySQL 8.0',
    meter: 'extended-support:8.0',
    amount: VCPUS[handout.databaseClass],
    fact: 'database',
    from: undefined,
    until: now,
    leastMs: 0,
    goesOn: now,
  }
}

export function usageOf({ servers, disks, databases }: Inventory, now: number): readonly Usage[] {
  return numbered([
    ...servers.flatMap((server) => usageOfServer(server, now)),
    ...disks.map((disk) => usageOfDisk(disk, now)),
    ...databases.flatMap((database) => usageOfDatabase(database, now)),
  ])
}

/** A second server of a lab, or a disk that its server has left behind, has an id of its own. */
function numbered(usage: readonly Usage[]): readonly Usage[] {
  return usage.map((each, index) => {
    const before = usage.slice(0, index).filter(({ id }) => id === each.id).length
    return before === 0 ? each : { ...each, id: `${each.id}-${before + 1}` }
  })
}

function usageOfServer({ id, type, state, startedAt, stoppedAt }: BilledServer, now: number): Usage[] {
  const runs = state === 'running' || state === 'pending'
  const times = {
    amount: 1,
    fact: 'server',
    from: startedAt,
    until: runs ? now : stoppedAt,
    leastMs: SERVER_LEAST_MS,
    goesOn: runs ? now : undefined,
  } as const
  return [
    { ...times, id: 'server', what: `server ${id} (${type}, ${state})`, meter: `server:${type}` },
    // The address goes when the server stops.
    { ...times, id: 'public-ipv4', what: 'its public IPv4 address', meter: 'address' },
  ]
}

function usageOfDisk({ id, type, gb, createdAt, serverId }: BilledDisk, now: number): Usage {
  const alone = serverId === undefined ? ', left behind' : ''
  return {
    id: 'root-volume',
    what: `root volume ${id} (${gb} GB ${type}${alone})`,
    meter: `disk:${type}`,
    amount: gb,
    fact: 'server',
    from: createdAt,
    until: now,
    leastMs: SERVER_LEAST_MS,
    goesOn: now,
  }
}

/** By the RDS User Guide, "Viewing DB instance status": in these states the disk alone bills, … */
const DISK_ONLY = ['stopped', 'stopping', 'starting']
/** … and in these nothing does. */
const NOTHING = ['creating', 'deleting', 'failed', 'insufficient-capacity', 'restore-error']

function usageOfDatabase(database: BilledDatabase, now: number): Usage[] {
  const { id, status, createdAt: from, restartsAt, diskType, gb } = database
  const exists = !NOTHING.includes(status)
  const runs = exists && !DISK_ONLY.includes(status)
  const disk = {
    fact: 'database',
    from,
    until: now,
    leastMs: 0,
    goesOn: exists || status === 'creating' ? now : undefined,
  } as const
  const hours = {
    ...disk,
    amount: 1,
    until: runs || status === 'stopping' ? now : stoppedAt(restartsAt),
    leastMs: DATABASE_LEAST_MS,
    goesOn: status === 'stopped' || status === 'stopping' ? (restartsAt ?? now + SEVEN_DAYS_MS) : disk.goesOn,
  }
  const zones = database.isMultiAz ? ' Multi-AZ' : ''
  const kind = `${database.class}${zones}`
  return [
    { ...hours, id: 'database', what: `database ${id} (${kind}, ${status})`, meter: `database:${kind}` },
    ...(database.isPublic
      ? [{ ...hours, id: 'database-ipv4', what: 'its public IPv4 address', meter: 'address' as const }]
      : []),
    {
      ...disk,
      id: 'database-storage',
      what: `its storage (${gb} GB ${diskType})`,
      meter: `database-disk:${diskType}${zones}`,
      amount: gb,
    },
    ...supportFor(database, disk),
  ]
}

function stoppedAt(restartsAt: number | undefined): number | undefined {
  return restartsAt === undefined ? undefined : restartsAt - SEVEN_DAYS_MS
}

/** It ends with an upgrade or a deletion only, so a stop does not end it. */
function supportFor(
  { engineVersion, extendedSupport, class: kind }: BilledDatabase,
  times: Pick<Usage, 'fact' | 'from' | 'until' | 'leastMs' | 'goesOn'>,
): Usage[] {
  const major = /^(5\.7|8\.0)\b/.exec(engineVersion)?.[1]
  if (major === undefined || !extendedSupport) return []
  const from = times.from === undefined ? undefined : Math.max(times.from, SUPPORT_OF_8_0_ENDED)
  return [
    {
      ...times,
      from,
      id: 'extended-support',
      what: `extended support for MySQL ${major}`,
      meter: `extended-support:${major}`,
      amount: VCPUS[kind],
    },
  ]
}
