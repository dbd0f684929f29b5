import { aws, awsAnywhere, chain, flasklab, showClock } from '../lab/command.ts'
import type { Explain } from './explain.ts'
import { limitsByCode } from './limit-findings.ts'

const newCredentials = {
  say: 'Get fresh credentials (in a Learner Lab: AWS Details, AWS CLI), put them where they were, then go on.',
  run: [awsAnywhere('sts', 'get-caller-identity'), flasklab('up')],
}

const badCredentials: Explain = (message, region) => ({
  what: 'AWS does not accept these credentials.',
  why: `${message} A key that was copied in part, an expired session, a missing session token, or a region (${region}) that the account has not enabled reads like this.`,
  remedy: newCredentials,
})

export const expired: Explain = () => ({
  code: 'expired',
  what: 'The AWS session has expired.',
  why: 'Temporary credentials end after some hours; nothing that was made is lost by it.',
  remedy: newCredentials,
})

/** AWS words it in many ways, and the oldest name neither who nor what: then the request itself tells. */
const refused: Explain = (message, _region, request) => {
  const [, who = ''] = /User: (\S+) is not/.exec(message) ?? []
  const [, action = request] = /perform: ([\w-]+:\w+)/.exec(message) ?? []
  const [, resource] = /on resource: (arn:[^\s,]*[^\s,.])/.exec(message) ?? []
  const on = resource === undefined ? '' : ` on ${resource}`
  return {
    what: `These credentials may not do ${action ?? 'this'}${on}.`,
    why: message,
    remedy: { say: allowing(who, message), run: [flasklab('iam-policy')] },
  }
}

function allowing(who: string, message: string): string {
  const all = 'this prints all that flasklab needs'
  if (who.includes('/voclabs/'))
    return `A Learner Lab’s permissions can’t be changed: use another account (--profile), or show your instructor; ${all}.`
  if (/explicit deny|service control policy|permissions boundary|session policy/.test(message)) {
    const mfa = who.includes(':user/') ? ', or demands credentials that were got with a code (MFA)' : ''
    return `A rule of the account stands above your own permissions${mfa}. Show whoever runs the account (${all}), or use other credentials (--profile).`
  }
  const whom = who === '' ? 'you' : who
  return `Have whoever runs the account attach a policy to ${whom} (${all}), or use other credentials (--profile).`
}

const slowDown: Explain = () => ({
  what: 'AWS answers "too many requests", even after ten attempts.',
  why: 'A class that shares one account shares its request limit.',
  remedy: { say: 'Wait a minute, then go on.', run: [flasklab('up')] },
})

const stumbles: Explain = (message, region) => ({
  what: `AWS itself has a fault in ${region} just now.`,
  why: message,
  remedy: { say: 'Go on in some minutes; nothing that was made is lost.', run: [flasklab('up')] },
})

const noCredentials: Explain = () => ({
  code: 'no-credentials',
  what: 'There are no AWS credentials on this machine.',
  why: 'Neither environment variables nor ~/.aws hold any, and the lab on AWS needs them.',
  remedy: { say: 'Set them up, then go on.', run: [awsAnywhere('configure'), flasklab('up')] },
})

export const tooOld: Explain = () => ({
  what: 'AWS refuses the request as too old.',
  why: 'Either this machine’s clock is more than 15 minutes off, or the temporary credentials have expired.',
  remedy: { say: 'Set the clock; if it is right, get fresh credentials.', run: [showClock, flasklab('up')] },
})

export const freePlan: Explain = (message, region) => ({
  what: 'The account’s free plan does not allow this.',
  why: message,
  remedy: {
    say: 'Delete databases that are no longer needed (the free plan allows two), or upgrade the plan in the Billing console.',
    run: [aws(region, 'rds', 'describe-db-instances'), flasklab('up')],
  },
})

const noVersion: Explain = (message, region) => ({
  what: `RDS does not offer the MySQL that the lab asks for in ${region}.`,
  why: message,
  remedy: {
    say: 'A newer flasklab asks for a newer one. This lists what there is.',
    run: [aws(region, 'rds', 'describe-db-engine-versions', { engine: 'mysql' })],
  },
})

const noRoom: Explain = (message) => ({
  what: 'AWS has no room for the server in its zone just now.',
  why: message,
  remedy: {
    say: 'Try again in some minutes; or delete the server, and it is launched in a zone with room.',
    run: [flasklab('up'), chain(flasklab('cleanup'), flasklab('up'))],
  },
})

export const noDefaultVpc: Explain = (message, region) => ({
  what: `The region ${region} has no default VPC.`,
  why: message,
  remedy: {
    say: 'Make it again (it costs nothing), then go on.',
    run: [aws(region, 'ec2', 'create-default-vpc'), flasklab('up')],
  },
})

const networkChanged: Explain = (message) => ({
  what: 'A part of the network that the lab builds on is gone.',
  why: message,
  remedy: { say: 'Go on: what there is now is looked at anew.', run: [flasklab('up')] },
})

const tooFewZones: Explain = (message, region) => ({
  what: 'The database’s subnets lie in fewer than two zones.',
  why: message,
  remedy: {
    say: 'Add a default subnet in a zone that has none, then go on.',
    run: [aws(region, 'ec2', 'create-default-subnet', { 'availability-zone': `${region}b` }), flasklab('up')],
  },
})

const needsMfa: Explain = (message) => ({
  what: 'These credentials need a code from your MFA device, which flasklab can’t ask for.',
  why: message,
  remedy: {
    say: 'Get temporary credentials with a code, put them in the environment, then go on.',
    run: [
      awsAnywhere('sts', 'get-session-token', { 'serial-number': 'MFA_DEVICE_ARN', 'token-code': 'CODE' }),
      flasklab('up'),
    ],
  },
})

const ssoExpired: Explain = (message) => ({
  what: 'The single sign-on session has ended, or has not begun.',
  why: message,
  remedy: {
    say: 'Sign in again (with --profile NAME, if you use a named profile), then go on.',
    run: [awsAnywhere('sso', 'login'), flasklab('up')],
  },
})

const noProfile: Explain = (message) => ({
  what: 'The AWS profile that is asked for gives no credentials.',
  why: `${message} AWS_PROFILE or --profile names it.`,
  remedy: { say: 'See which profiles there are.', run: [awsAnywhere('configure', 'list-profiles')] },
})

/** Where one code has several causes, and only AWS's words (or the SDK's) tell them apart. */
export function byWords(message: string): Explain | undefined {
  if (/not eligible for free tier|free plan|free tier customers/i.test(message)) return freePlan
  if (/Cannot find version|extended support/i.test(message)) return noVersion
  if (/^Signature (expired|not yet current)/.test(message)) return tooOld
  if (/requires multi-factor authentication/.test(message)) return needsMfa
  if (/aws sso login/.test(message)) return ssoExpired
  if (/^Could not resolve credentials using profile/.test(message)) return noProfile
  if (/service linked role/i.test(message)) return noRole
  return undefined
}

const noRole: Explain = (message, region, request) => ({
  what: 'RDS could not make the role that it needs in this account.',
  why: `${message} An account’s first database makes it.`,
  remedy: {
    ...refused(message, region, request).remedy,
    run: [
      awsAnywhere('iam', 'create-service-linked-role', { 'aws-service-name': 'rds.amazonaws.com' }),
      flasklab('iam-policy'),
    ],
  },
})

export const byCode: Readonly<Record<string, Explain>> = {
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
      run: [flasklab('up')],
    },
  }),
  PendingVerification: (message) => ({
    what: 'AWS is still verifying the account for this region.',
    why: message,
    remedy: { say: 'It takes minutes, at most four hours. Then go on.', run: [flasklab('up')] },
  }),
  Blocked: (message) => ({
    what: 'AWS has blocked this account.',
    why: message,
    remedy: { say: 'Write to AWS support; only they can open it again.' },
  }),
  ...limitsByCode,
  FreeTierRestrictionError: freePlan,
  RequestLimitExceeded: slowDown,
  Throttling: slowDown,
  ThrottlingException: slowDown,
  InternalError: stumbles,
  InternalFailure: stumbles,
  ServiceUnavailable: stumbles,
  Unavailable: stumbles,
  InsufficientInstanceCapacity: noRoom,
  Unsupported: noRoom,
  InsufficientDBInstanceCapacity: (message) => ({
    what: 'AWS has no room for the database in this region just now.',
    why: message,
    remedy: { say: 'Try again in some minutes, or in another region.', run: [flasklab('up')] },
  }),
  VPCIdNotSpecified: noDefaultVpc,
  DBSubnetGroupDoesNotCoverEnoughAZs: tooFewZones,
  'InvalidSubnetID.NotFound': networkChanged,
  'InvalidVpcID.NotFound': networkChanged,
  InvalidSubnet: networkChanged,
  InvalidVPCNetworkStateFault: networkChanged,
  'InvalidKeyPair.NotFound': (message) => ({
    what: 'The lab’s key pair is not in this region any more.',
    why: `${message}. Key pairs belong to a region, and somebody has deleted this one.`,
    remedy: { say: 'Go on: it is imported again.', run: [flasklab('up')] },
  }),
  KMSKeyNotAccessibleFault: (message) => ({
    what: 'The account may not use the key that encrypts databases.',
    why: message,
    remedy: {
      say: 'Ask whoever runs the account for the AWS managed key aws/rds, or use another account (--profile).',
    },
  }),
  InvalidDBInstanceState: (message) => ({
    what: 'The database is busy with something else.',
    why: message,
    remedy: { say: 'Wait until it is available, then go on.', run: [flasklab('status'), flasklab('up')] },
  }),
}
