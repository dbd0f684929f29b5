import { LabError } from '../lab/finding.ts'

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

/** Turns what AWS says into a finding; a `LabError` stays as it is, and what is no answer of AWS too. */
export function explained(error: unknown, region: string): unknown {
  if (error instanceof LabError) return error
  const explain = findings[codeOf(error)] ?? byShape(error)
  if (explain === undefined) return error
  const { message } = error as Error
  return new LabError(
    { ...explain(message, region) },
    { cause: error, ...(NO_CREDENTIALS.includes(codeOf(error)) ? { code: 'no-credentials' as const } : {}) },
  )
}

type Explain = (message: string, region: string) => LabError['finding']

const NO_CREDENTIALS = ['CredentialsProviderError']

const newCredentials = {
  say: 'Get fresh credentials (in a Learner Lab: AWS Details, AWS CLI), put them where they were, then go on.',
  run: ['aws sts get-caller-identity', 'flasklab up'],
}

const badCredentials: Explain = (message) => ({
  what: 'AWS does not accept these credentials.',
  why: `${message} A key that was copied in part, an expired session, or a session token that is missing reads like this.`,
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
    why: message.replace(/\s*Encoded authorization failure message: \S+/, ''),
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

const findings: Readonly<Record<string, Explain>> = {
  CredentialsProviderError: () => ({
    what: 'There are no AWS credentials on this machine.',
    why: 'Neither environment variables nor ~/.aws hold any, and the lab on AWS needs them.',
    remedy: {
      say: 'Set them up, or use the practice cloud, which needs no account.',
      run: ['aws configure', 'flasklab up --practice'],
    },
  }),
  AuthFailure: badCredentials,
  InvalidClientTokenId: badCredentials,
  UnrecognizedClientException: badCredentials,
  SignatureDoesNotMatch: badCredentials,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  RequestExpired: () => ({
    what: 'AWS refuses the request as too old.',
    why: 'Either this machine’s clock is more than 15 minutes off, or the temporary credentials have expired.',
    remedy: { say: 'Set the clock; if it is right, get fresh credentials.', run: ['date -u', 'flasklab up'] },
  }),
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
  FreeTierRestrictionError: (message) => ({
    what: 'The account’s free plan does not allow this.',
    why: message,
    remedy: {
      say: 'Delete databases that are no longer needed, or upgrade the plan in the Billing console.',
    },
  }),
  RequestLimitExceeded: slowDown,
  Throttling: slowDown,
  ThrottlingException: slowDown,
  InsufficientDBInstanceCapacity: (message) => ({
    what: 'AWS has no room for the database in this region just now.',
    why: message,
    remedy: { say: 'Try again in some minutes, or in another region.', run: ['flasklab up'] },
  }),
}

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
  if (code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'ETIMEDOUT' || isTimeout(error)) {
    return (message) => ({
      what: 'The connection to AWS failed.',
      why: `${message}. A campus proxy can be the cause: the AWS SDK does not use HTTPS_PROXY.`,
      remedy: {
        say: 'Check the internet connection, then go on; nothing that was made is lost.',
        run: ['flasklab up'],
      },
    })
  }
  if (code === 'SELF_SIGNED_CERT_IN_CHAIN' || code === 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY') {
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
      say: 'Run it again; it goes on where it stopped. --verbose shows the request.',
      run: ['flasklab up --verbose'],
    },
  })
}

function isTimeout(error: unknown): boolean {
  return ['TimeoutError', 'RequestTimeout'].includes(codeOf(error))
}
