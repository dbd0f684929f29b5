import { type FindingCode, LabError } from '../lab/finding.ts'

/** The code that AWS documents: RDS names its errors `…Fault`, but not their codes. */
export function codeOf(error: unknown): string {
  const { Code, name } = error as { Code?: string; name?: string }
  return Code ?? name ?? ''
}

export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error))
}

/** Runs a request again while AWS does not know yet what it has just made; other errors pass through. */
export async function onceKnown<Answer>(
  codes: readonly string[],
  request: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = Date.now() + 60_000
  for (let pause = 500; ; pause = Math.min(pause * 2, 8_000)) {
    try {
      return await request()
    } catch (error) {
      if (!isCode(error, ...codes) || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}

/**
 * Turns what AWS says into a finding; a `LabError` stays as it is, and what is no answer of AWS too. `clockOffset`:
 * how far this machine's clock is off, where that is known.
 */
export function explained(error: unknown, region: string, clockOffset?: number): unknown {
  if (error instanceof LabError) return error
  const { message } = error as Error
  const told = byWords(message) ?? findings[codeOf(error)] ?? byShape(error)
  if (told === undefined) return error
  // AWS has one answer for both, and its answers tell the time.
  const isClockRight = clockOffset !== undefined && Math.abs(clockOffset) < CLOCK_MS
  const explain = told === tooOld && isClockRight ? expired : told
  const code = CODES.get(explain)
  return new LabError(explain(withoutSecrets(message), region), {
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

type Explain = (message: string, region: string) => LabError['finding']

const newCredentials = {
  say: 'Get fresh credentials (in a Learner Lab: AWS Details, AWS CLI), put them where they were, then go on.',
  run: ['aws sts get-caller-identity', 'flasklab up'],
}

const badCredentials: Explain = (message, region) => ({
  what: 'AWS does not accept these credentials.',
  why: `${message} A key that was copied in part, an expired session, a missing session token, or a region (${region}) that the account has not enabled reads like this.`,
  remedy: newCredentials,
})

const expired: Explain = () => ({
  what: 'The AWS session has expired.',
  why: 'Temporary credentials end after some hours; nothing that was made is lost by it.',
  remedy: newCredentials,
})

const refused: Explain = (message) => {
  const [, action] = /perform: (\S+)/.exec(message) ?? []
  return {
    what: action ? `These credentials may not do ${action}.` : 'These credentials may not do this.',
    why: message,
    remedy: {
      say: 'Ask whoever runs the account for that permission, or use other credentials (--profile).',
    },
  }
}

const tooMany: Explain = (message) => ({
  what: 'The account’s limit is reached.',
  why: message,
  remedy: {
    say: 'Delete what is no longer needed, choose another region (--region), or ask for a higher quota.',
  },
})

const slowDown: Explain = () => ({
  what: 'AWS answers "too many requests", even after ten attempts.',
  why: 'A class that shares one account shares its request limit.',
  remedy: { say: 'Wait a minute, then go on.', run: ['flasklab up'] },
})

const noCredentials: Explain = () => ({
  what: 'There are no AWS credentials on this machine.',
  why: 'Neither environment variables nor ~/.aws hold any, and the lab on AWS needs them.',
  remedy: { say: 'Set them up, then go on.', run: ['aws configure', 'flasklab up'] },
})

const CLOCK_MS = 5 * 60_000

const tooOld: Explain = () => ({
  what: 'AWS refuses the request as too old.',
  why: 'Either this machine’s clock is more than 15 minutes off, or the temporary credentials have expired.',
  remedy: { say: 'Set the clock; if it is right, get fresh credentials.', run: ['date -u', 'flasklab up'] },
})

const freePlan: Explain = (message) => ({
  what: 'The account’s free plan does not allow this.',
  why: message,
  remedy: {
    say: 'Delete databases that are no longer needed, or upgrade the plan in the Billing console.',
  },
})

/** Where one code has several causes, and only AWS's words (or the SDK's) tell them apart. */
function byWords(message: string): Explain | undefined {
  if (/not eligible for free tier|free plan/i.test(message)) return freePlan
  if (/^Signature (expired|not yet current)/.test(message)) return tooOld
  if (/requires multi-factor authentication/.test(message)) return needsMfa
  if (/aws sso login/.test(message)) return ssoExpired
  if (/^Could not resolve credentials using profile/.test(message)) return noProfile
  return undefined
}

const needsMfa: Explain = (message) => ({
  what: 'These credentials need a code from your MFA device, which flasklab can’t ask for.',
  why: message,
  remedy: {
    say: 'Get temporary credentials with a code, put them in the environment, then go on.',
    run: ['aws sts get-session-token --serial-number MFA_DEVICE_ARN --token-code CODE', 'flasklab up'],
  },
})

const ssoExpired: Explain = (message) => ({
  what: 'The single sign-on session has ended, or has not begun.',
  why: message,
  remedy: {
    say: 'Sign in again (with --profile NAME, if you use a named profile), then go on.',
    run: ['aws sso login', 'flasklab up'],
  },
})

const noProfile: Explain = (message) => ({
  what: 'The AWS profile that is asked for gives no credentials.',
  why: `${message} AWS_PROFILE or --profile names it.`,
  remedy: { say: 'See which profiles there are.', run: ['aws configure list-profiles'] },
})

const findings: Readonly<Record<string, Explain>> = {
  CredentialsProviderError: noCredentials,
  AuthFailure: badCredentials,
  InvalidClientTokenId: badCredentials,
  UnrecognizedClientException: badCredentials,
  SignatureDoesNotMatch: badCredentials,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  RequestExpired: tooOld,
  UnauthorizedOperation: refused,
  AccessDenied: refused,
  AccessDeniedException: refused,
  OptInRequired: (message) => ({
    what: 'The AWS account is not ready.',
    why: message,
    remedy: {
      say: 'Finish the sign-up (payment method, phone) in the AWS console, then go on.',
      run: ['flasklab up'],
    },
  }),
  PendingVerification: (message) => ({
    what: 'AWS is still verifying the account for this region.',
    why: message,
    remedy: { say: 'It takes minutes, at most four hours. Then go on.', run: ['flasklab up'] },
  }),
  VcpuLimitExceeded: tooMany,
  InstanceLimitExceeded: tooMany,
  InstanceQuotaExceeded: tooMany,
  DBSubnetGroupQuotaExceeded: tooMany,
  StorageQuotaExceeded: tooMany,
  SecurityGroupLimitExceeded: tooMany,
  FreeTierRestrictionError: freePlan,
  RequestLimitExceeded: slowDown,
  Throttling: slowDown,
  ThrottlingException: slowDown,
  InsufficientDBInstanceCapacity: (message) => ({
    what: 'AWS has no room for the database in this region just now.',
    why: message,
    remedy: { say: 'Try again in some minutes, or in another region.', run: ['flasklab up'] },
  }),
}

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
