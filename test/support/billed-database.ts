import type { BilledDatabase } from '../../src/lab/usage.ts'

/** The handout's database, as it runs. */
export function billedDatabase(id: string, createdAt: number): BilledDatabase {
  return {
    id,
    class: 'db.t3.micro',
    status: 'available',
    createdAt,
    restartsAt: undefined,
    diskType: 'gp3',
    gb: 20,
    engineVersion: '8.4.6',
    extendedSupport: false,
    isPublic: false,
    isMultiAz: false,
  }
}
