import { type FindingCode, LabError } from '../lab/finding.ts'
import { untilAllowed } from '../lab/wait.ts'
import type { Clients } from './clients.ts'
import { byCode, byWords, type Explain, expired, noCredentials, tooOld } from './error-findings.ts'

/** The code that AWS documents: RDS names its errors `…Fault`, but not their codes. */
export function codeOf(error: unknown): string {
  const { Code, name } = error as { Code?: string; name?: string }
  return Code ?? name ?? ''
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error))
}

/** Runs a request again while AWS does not know yet what it has just made; other errors pass through. */
export function onceKnown<Answer>(
  codes: readonly string[],
  request: () => Promise<Answer>,
  { clock }: Pick<Clients, 'clock'>,
): Promise<Answer> {
  return untilAllowed(request, (error) => isCode(error, ...codes), KNOWN_MS, clock)
}

const KNOWN_MS = 60_000

/**
 * Turns what AWS says into a finding; a `LabError` stays as it is, and what is no answer of AWS too. `clockOffset`:
 * how far this machine's clock is off, where that is known.
 */
export function explained(error: unknown, region: string, clockOffset?: number): unknown {
  if (error instanceof LabError) return error
  const { message, request } = error as Error & { request?: string }
  const told = byWords(message) ?? byCode[codeOf(error)] ?? byShape(error)
  if (told === undefined) return error
  // AWS has one answer for both, and its answers tell the time.
  const isClockRight = clockOffset !== undefined && Math.abs(clockOffset) < CLOCK_MS
  const explain = told === tooOld && isClockRight ? expired : told
  const code = CODES.get(explain)
  return new LabError(explain(withoutSecrets(message), region, request), {
    cause: error,
    ...(code === undefined ? {} : { code }),
  })
}

/** STS and RDS repeat the request that they could not verify, session token and all; EC2 adds a page of cipher. */
function withoutSecrets(message: string): string {
  return message
    .replace(/\s*The Canonical String for this request[\s\S]*/, '')
    .replace(/\s*Encoded authorization failure message: \S+/, '')
}

const CLOCK_MS = 5 * 60_000

const noConnection: Explain = (message) => ({
  what: 'The connection to AWS failed.',
  why: `${message}. A campus proxy can be the cause: the AWS SDK does not use HTTPS_PROXY.`,
  remedy: {
    say: 'Check the internet connection, then go on; nothing that was made is lost.',
    run: ['flasklab up'],
  },
})

const CODES = new Map<Explain, FindingCode>([
  [noCredentials, 'no-credentials'],
  [noConnection, 'no-connection'],
  [expired, 'expired'],
])

const NO_WAY = ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH']
const NOT_AWS = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]

/** Failures below AWS's own answers, told by what the network says. */
function byShape(error: unknown): Explain | undefined {
  const { code, $metadata } = error as { code?: string; $metadata?: { httpStatusCode?: number } }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return (message, region) => ({
      what: `AWS can't be found on the network (region ${region}).`,
      why: message,
      remedy: {
        say: 'Check the spelling of the region and the internet connection, then go on.',
        run: ['flasklab up'],
      },
    })
  }
  if (NO_WAY.includes(code ?? '') || isTimeout(error)) {
    return noConnection
  }
  if (NOT_AWS.includes(code ?? '')) {
    return () => ({
      what: 'Something on this machine or network opens encrypted connections.',
      why: 'AWS’s certificate was replaced by one that Node does not know: an antivirus program or a campus proxy.',
      remedy: {
        say: 'Tell Node its certificate, then go on.',
        run: ['export NODE_EXTRA_CA_CERTS=/path/to/certificate.pem'],
      },
    })
  }
  if ($metadata?.httpStatusCode === undefined) return undefined
  return (message, region) => ({
    what: `AWS (${region}) refused a request: ${codeOf(error)}.`,
    why: message,
    remedy: {
      say: 'Run it again; it goes on where it stopped. --verbose shows where it happened.',
      run: ['flasklab up --verbose'],
    },
  })
}

function isTimeout(error: unknown): boolean {
  return ['TimeoutError', 'RequestTimeout'].includes(codeOf(error))
}
