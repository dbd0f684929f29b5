import { AwsError } from './aws-error.ts'
import { queryProtocol } from './query-protocol.ts'
import { type ApiService, serviceNamed } from './service.ts'
import type { AccessKey, Claim, SignedRequest } from './signature.ts'
import { readClaim, signatureMatches, stampOf, timeOf } from './signature.ts'

const LARGEST_SKEW_MS = 15 * 60_000

/** All that decides on a signature besides the request. */
export interface Credentials {
  readonly services: readonly ApiService[]
  readonly keys: readonly AccessKey[]
  /** Whether they were good, and are no more. */
  readonly isExpired: boolean
  readonly now: number
}

/** The service and region that a request is truly signed for, and by which key. `likely` chooses the wording of refusals. */
export function authenticate(
  request: SignedRequest,
  { services, keys, isExpired, now }: Credentials,
  likely: ApiService | undefined,
): { service: ApiService; region: string; accessKeyId: string } {
  const { refusal } = likely?.protocol ?? queryProtocol
  if (request.headers.authorization === undefined) throw refusal.noCredentials()
  const claim = readClaim(request.headers)
  if (claim === undefined) {
    const text = 'The Authorization header must hold a signature of version 4 in the form AWS4-HMAC-SHA256.'
    throw new AwsError('IncompleteSignature', text)
  }
  const service = serviceNamed(services, claim.service)
  if (service === undefined || (likely !== undefined && service !== likely)) {
    const text = `Credential should be scoped to correct service: '${likely?.name ?? 'ec2, rds or sts'}'.`
    throw new AwsError('SignatureDoesNotMatch', text, 403)
  }
  const key = keys.find(({ accessKeyId }) => accessKeyId === claim.accessKeyId)
  if (key === undefined) throw refusal.unknownKey()
  refuseSkew(claim, service, now)
  if (!signatureMatches(request, claim, key)) throw refusal.wrongSignature()
  if (isExpired) throw refusal.expiredKey()
  return { service, region: claim.region, accessKeyId: key.accessKeyId }
}

function refuseSkew(claim: Claim, service: ApiService, now: number): void {
  const skew = timeOf(claim.sentAt) - now
  if (Math.abs(skew) <= LARGEST_SKEW_MS) return
  const limit = now + Math.sign(skew) * LARGEST_SKEW_MS
  throw service.protocol.refusal.expired(claim.sentAt, stampOf(now), stampOf(limit))
}
