import { randomBytes } from 'node:crypto'
import { linkSync, rmSync, writeFileSync } from 'node:fs'
import { writeForGood } from '../formats/write-whole.ts'
import type { Places } from './paths.ts'
import { isPort, readStored } from './stored-file.ts'

/** How the practice cloud is reached and by which key; chosen once, so that the student's shell can hold it. */
export interface Service {
  readonly version: 1
  readonly port: number
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Signs what flasklab itself asks; it stays when the key is replaced. */
  readonly controlSecret: string
}

/** How the ids of the practice cloud’s own access keys begin. */
export const PRACTICE_KEY = 'AKIAPRAC'

// Not us-east-1: for RDS there, version 1 of the aws command line overrules AWS_ENDPOINT_URL.
export const PRACTICE_REGION = 'us-west-2'

export function readService(serviceFile: string): Service | undefined {
  return readStored<Service>({
    file: serviceFile,
    holds: 'its port and key',
    flaw,
    withoutIt:
      'the next start makes new ones, and shells that hold the old ones need "flasklab practice env" again',
  })
}

function flaw({
  port,
  accessKeyId,
  secretAccessKey,
  controlSecret,
}: Record<string, unknown>): string | undefined {
  if (!isPort(port)) return 'its port is not a number between 1 and 65535'
  if (!isKeyId(String(accessKeyId))) return 'its access key id is none of flasklab’s'
  if (!/^[\w-]{40}$/.test(String(secretAccessKey))) return 'its secret access key is none of flasklab’s'
  if (!/^[\w-]{40}$/.test(String(controlSecret))) return 'its control secret is none of flasklab’s'
  return undefined
}

function isKeyId(text: string): boolean {
  return text.startsWith(PRACTICE_KEY) && /^[A-Z2-7]{12}$/.test(text.slice(PRACTICE_KEY.length))
}

export function newService(port: number): Service {
  return { version: 1, port, ...newKey(), controlSecret: newSecret() }
}

export function newKey(): Pick<Service, 'accessKeyId' | 'secretAccessKey'> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const tail = [...randomBytes(12)].map((byte) => letters[byte % 32]).join('')
  return { accessKeyId: `${PRACTICE_KEY}${tail}`, secretAccessKey: newSecret() }
}

function newSecret(): string {
  return randomBytes(30).toString('base64url')
}

export function writeService(places: Places, service: Service): void {
  writeForGood(places.serviceFile, textOf(service))
}

function textOf(service: Service): string {
  return `${JSON.stringify(service, undefined, 2)}\n`
}

/** Fails when another practice cloud of the same folder was quicker. */
export function claimService(places: Places, service: Service): void {
  const draft = `${places.serviceFile}.${process.pid}`
  writeFileSync(draft, textOf(service), { mode: 0o600 })
  try {
    // A link is made whole or not at all, and never over a file that is there.
    linkSync(draft, places.serviceFile)
  } finally {
    rmSync(draft)
  }
}
