import type { LabRecord } from '../lab/lab-record.ts'
import { isLabId } from '../lab/names.ts'

/** JSON of a record or of a receipt, whose fields may be anything. */
export type Loose = Readonly<Partial<Record<keyof LabRecord, unknown>>> | null

/** Whether it is the record of the lab of that name, with all that a record must have. */
export function isRecord(record: Loose, name: string): boolean {
  if (record?.version !== 1 || record.name !== name) return false
  const { names, passwords, launch, proof, profile, account, owner, sshFrom, expires } = record
  return (
    isLabId(record.id) &&
    [record.target, record.madeAt, record.allowFrom].every(isText) &&
    isRegion(record.region) &&
    [profile, account, owner, sshFrom, expires].every((each) => each === undefined || isText(each)) &&
    isObject(record.hostKeys) &&
    Object.values(record.hostKeys).every((keys) => Array.isArray(keys) && keys.every(isText)) &&
    hasTexts(names, 'server', 'database', 'webGroup', 'keyPair', 'subnetGroup') &&
    hasTexts(passwords, 'master', 'app') &&
    hasTexts(launch, 'token', 'subnetId') &&
    hasTexts(proof, 'at', 'serverId', 'databaseId')
  )
}

/** It goes into host names. */
export function isRegion(value: unknown): boolean {
  return isText(value) && /^[a-z0-9-]{1,30}$/.test(value)
}

/** A part that may be absent, but not half there. */
export function hasTexts(part: unknown, ...fields: readonly string[]): boolean {
  return part === undefined || (isObject(part) && fields.every((field) => isText(part[field])))
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
