import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Places } from './places.ts'

/** How the practice cloud is reached and by which key; chosen once, so that the student's shell can hold it. */
export interface Service {
  readonly port: number
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

// Not us-east-1: for RDS there, version 1 of the aws command line overrules AWS_ENDPOINT_URL.
export const PRACTICE_REGION = 'us-west-2'

export function readService(places: Places): Service | undefined {
  try {
    return JSON.parse(readFileSync(places.serviceFile, 'utf8')) as Service
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

export function newKey(): Pick<Service, 'accessKeyId' | 'secretAccessKey'> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const tail = [...randomBytes(12)].map((byte) => letters[byte % 32]).join('')
  return { accessKeyId: `AKIAPRAC${tail}`, secretAccessKey: randomBytes(30).toString('base64url') }
}

/** Fails when another practice cloud of the same folder was quicker. */
export function claimService(places: Places, service: Service): void {
  const text = `${JSON.stringify(service, undefined, 2)}\n`
  const draft = `${places.serviceFile}.${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  try {
    // A link is made whole or not at all, and never over a file that is there.
    linkSync(draft, places.serviceFile)
  } finally {
    rmSync(draft)
  }
}
