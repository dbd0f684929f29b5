import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export interface AccessKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** The claims of the Authorization header; none is believed before `signatureMatches`. */
export interface Claim {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** The moment of signing as the request writes it: `20261122T143013Z`. */
  readonly sentAt: string
}

export interface SignedRequest {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 +Credential=([^/,\s]+)\/([0-9]{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request *, *SignedHeaders=([a-z0-9;-]+) *, *Signature=([0-9a-f]{64})$/

export function readClaim(headers: IncomingHttpHeaders): Claim | undefined {
  const match = AUTHORIZATION.exec(headers.authorization ?? '')
  const sentAt = headers['x-amz-date']
  if (match === null || typeof sentAt !== 'string' || !/^[0-9]{8}T[0-9]{6}Z$/.test(sentAt)) return undefined
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] = match
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature, sentAt }
}

/** Signature version 4 over the request as it arrived: method, path, the signed headers and the body itself. */
export function signatureMatches(request: SignedRequest, claim: Claim, key: AccessKey): boolean {
  const essential = ['host', 'x-amz-date'].every((name) => claim.signedHeaders.includes(name))
  if (!essential || !claim.sentAt.startsWith(claim.date)) return false
  const canonical = [
    'POST',
    '/',
    '',
    ...claim.signedHeaders.map((name) => `${name}:${canonicalHeader(request.headers[name])}`),
    '',
    claim.signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n')
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', claim.sentAt, scope, sha256(canonical)].join('\n')
  const signingKey = [claim.date, claim.region, claim.service, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${key.secretAccessKey}`,
  )
  return timingSafeEqual(hmac(signingKey, toSign), Buffer.from(claim.signature, 'hex'))
}

/** Milliseconds since 1970, by a stamp such as 20260927T120000Z. */
export function timeOf(stamp: string): number {
  return Date.parse(
    stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, (_, ...[year, month, day, hours, minutes, seconds]) => {
      return `${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`
    }),
  )
}

/** The stamp of a time in milliseconds since 1970: 20260927T120000Z. */
export function stampOf(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.[0-9]{3}/g, '')
}

function canonicalHeader(value: string | string[] | undefined): string {
  return [value ?? ''].flat().join(',').trim().replace(/\s+/g, ' ')
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest()
}
