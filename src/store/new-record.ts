import { randomBytes } from 'node:crypto'
import type { LabRecord } from '../lab/lab-record.ts'

export function newRecord(
  name: string,
  target: string,
  region: string,
  profile: string | undefined,
): LabRecord {
  return {
    version: 1,
    id: randomBytes(5).toString('hex'),
    name,
    target,
    region,
    ...(profile === undefined ? {} : { profile }),
    madeAt: new Date().toISOString(),
    allowFrom: '0.0.0.0/0',
    hostKeys: {},
  }
}
