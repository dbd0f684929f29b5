import { flasklab, set } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import { redactEchoes } from '../lab/redact.ts'
import { byCode, byWords, expired, tooOld } from './error-findings.ts'
import type { Explain } from './explain.ts'

/** The code that AWS documents, also of a refusal that is explained already: RDS names its errors `…Fault`, but not their codes. */
export function codeOf(error: unknown): string {
  const { Code, name } = saidByAws(error) as { Code?: string; name?: string }
  return Code ?? name ?? ''
}

/** AWS's own words. */
export function messageOf(error: unknown): string {
  return (saidByAws(error) as Error).message
}

function saidByAws(error: unknown): unknown {
  return error instanceof LabError && error.cause !== undefined ? error.cause : error
}

/** In which circumstances AWS refused something. */
export interface Circumstances {
  readonly region: string
  /** The request, as IAM writes it: `ec2:RunInstances`. */
  readonly request?: string
  /** How far this machine's clock is off, where that is known. */
  readonly clockOffset?: number
}

/** Turns what AWS says into a finding; a `LabError` stays as it is, and what is no answer of AWS too. */
export function explained(error: unknown, { region, request, clockOffset }: Circumstances): unknown {
  if (error instanceof LabError) return error
  const { message } = error as Error
  const told = byWords(message) ?? byCode[codeOf(error)] ?? byShape(error)
  if (told === undefined) return error
  // AWS has one answer for both, and its answers tell the time.
  const isClockRight = clockOffset !== undefined && Math.abs(clockOffset) < CLOCK_MS
  const explain = told === tooOld && isClockRight ? expired : told
  const { code, ...finding } = explain(redactEchoes(message), region, request)
  return new LabError(finding, { cause: error, ...(code === undefined ? {} : { code }) })
}

const CLOCK_MS = 5 * 60_000

const noConnection: Explain = (message) => ({
  code: 'no-connection',
  what: 'The connection to AWS failed.',
  why: `${message}. A campus proxy can be the cause: the AWS SDK does not use HTTPS_PROXY.`,
  remedy: {
    say: 'Check the internet connection, then go on; nothing that was made is lost.',
    run: [flasklab('up')],
  },
})

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
        run: [flasklab('up')],
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
        run: [set({ NODE_EXTRA_CA_CERTS: '/path/to/certificate.pem' })],
      },
    })
  }
  if ($metadata?.httpStatusCode === undefined) return undefined
  return (message, region) => ({
    what: `AWS (${region}) refused a request: ${codeOf(error)}.`,
    why: message,
    remedy: {
      say: 'Run it again; it goes on where it stopped. --verbose shows where it happened.',
      run: [flasklab('up', { verbose: true })],
    },
  })
}

function isTimeout(error: unknown): boolean {
  return ['TimeoutError', 'RequestTimeout'].includes(codeOf(error))
}
