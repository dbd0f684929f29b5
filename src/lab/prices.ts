/** A thing with one price in a region: a type of server, a GB of a type of disk, an address. */
export type Meter =
  | `server:${string}`
  | `disk:${string}`
  | 'address'
  | `database:${string}`
  | `database-disk:${string}`
  | `extended-support:${string}`

export type Unit = 'hour' | 'GB-month' | 'vCPU-hour'

export interface Price {
  /** US dollars for one unit, on demand, without tax. */
  readonly usd: number
  /** The day on which AWS published it, or on which it was read there. */
  readonly asOf: string
}

/** The prices of one region. A price that is missing is unknown, which is not 0. */
export interface Prices {
  readonly region: string
  /** Asked of AWS just now, or out of the table below. */
  readonly live: boolean
  of(meter: Meter): Price | undefined
}

export function unitOf(meter: Meter): Unit {
  if (meter.startsWith('extended-support:')) return 'vCPU-hour'
  return /^(?:database-)?disk:/.test(meter) ? 'GB-month' : 'hour'
}

/** The prices that come with flasklab; all are unknown in a region that the table does not have. */
export function listedPrices(region: string): Prices {
  const listed = LISTED[region] ?? {}
  return {
    region,
    live: false,
    of: (meter) => {
      const [usd, asOf] = listed[meter] ?? []
      return usd === undefined || asOf === undefined ? undefined : { usd, asOf }
    },
  }
}

export function listedRegions(): readonly string[] {
  return Object.keys(LISTED)
}

/**
 * From AWS's own price list (https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/ and the API over it), as those
 * who can reach it have published what they read; put together in November 2026. SKU is the list's key.
 *
 * - t3.micro: SKUs CRAJUW7BTXFMT2UJ, VJNS2RY9CFHRVCMH, DXH6X4VVFUT4EUU5, 9NX7BP9ZGC9GB8AX. us-east-1 is also in
 *   aws/karpenter-provider-aws (zz_generated.pricing_aws.go), ap-south-1 with its disk in sai-na/cloudpilot
 *   (pricing/ap-south-1.json).
 * - Addresses and disks: for us-east-1 in Tuhinzman/cloud-platform-reference (docs/runbooks/cost-and-residue.md);
 *   elsewhere SKUs NBHXEKTE88TJDDQF, TXACT7E3PV6ZX2NM, D7RMW443YWTMZ4V5.
 * - Databases' disks have a price for each engine. Those of us-east-1, us-west-2 (SKU W2B5U7TQ8BTUD7C8) and ap-south-1
 *   are PostgreSQL's; MySQL's was the same where both were found (Seoul, 0.131, by bills of August 2026). eu-west-1 is
 *   by a bill of July 2026: 20 GB for 2.54.
 * - db.t3.micro with MySQL: SKU AXC2TYPWXFK88MVY in us-east-1. Elsewhere the newest list that was found is of 2020, in
 *   priom/ec2instances.info (www/rds/instances.json); it still holds where it can be compared, in us-east-1 and in
 *   Seoul (0.026, by the same bills).
 * - Extended support, of the first two years: https://www.cloudyali.io/blogs/rds-extended-support-cost-levers. It does
 *   differ by region (0.12 in Seoul), so elsewhere it is unknown.
 * - gp2: https://www.usage.ai/blogs/aws/reserved-instances/rds/free-tier-rds/
 */
const LISTED: Readonly<Record<string, Partial<Record<Meter, readonly [usd: number, asOf: string]>>>> = {
  'us-east-1': {
    'server:t3.micro': [0.0104, '2026-07-20'],
    address: [0.005, '2026-09-10'],
    'disk:gp3': [0.08, '2026-09-10'],
    'database:db.t3.micro': [0.017, '2026-03-18'],
    'database-disk:gp3': [0.115, '2026-09-24'],
    'database-disk:gp2': [0.115, '2026-05-07'],
    'extended-support:8.0': [0.1, '2026-05-01'],
  },
  'us-west-2': {
    'server:t3.micro': [0.0104, '2026-09-01'],
    address: [0.005, '2026-07-24'],
    'disk:gp3': [0.08, '2026-08-19'],
    'database:db.t3.micro': [0.017, '2020-11-15'],
    'database-disk:gp3': [0.115, '2026-08-18'],
  },
  'eu-west-1': {
    'server:t3.micro': [0.0114, '2026-09-01'],
    address: [0.005, '2026-07-10'],
    'disk:gp3': [0.088, '2026-05-01'],
    'database:db.t3.micro': [0.018, '2020-11-15'],
    'database-disk:gp3': [0.127, '2026-07-31'],
  },
  'ap-south-1': {
    'server:t3.micro': [0.0112, '2026-09-25'],
    address: [0.005, '2026-10-01'],
    'disk:gp3': [0.0912, '2026-09-25'],
    'database:db.t3.micro': [0.025, '2020-11-15'],
    'database-disk:gp3': [0.131, '2026-09-19'],
  },
}
