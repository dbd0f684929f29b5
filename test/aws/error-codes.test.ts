import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { CreateDBInstanceCommand, DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, test } from 'vitest'
import { explainRefusals, FIRST } from '../../src/aws/clients.ts'
import { createCloud } from '../../src/aws/cloud.ts'
import { codeOf, explained } from '../../src/aws/error-codes.ts'
import { onceKnown } from '../../src/aws/error-meanings.ts'
import { commandLines } from '../../src/lab/command-text.ts'
import { type Finding, LabError } from '../../src/lab/finding.ts'
import { newRecord } from '../../src/store/new-record.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { openAws, refusal, set } from './scripted-aws.ts'

/** Leaves the error as it is, but for the name of the request. */
function named(error: unknown, request?: string): unknown {
  return error instanceof Error ? Object.assign(error, { request }) : error
}

function explainedIn(region: string, error: unknown, clockOffset?: number): unknown {
  const { request } = error as { readonly request?: string }
  const circumstances = {
    region,
    ...(request && { request }),
    ...(clockOffset !== undefined && { clockOffset }),
  }
  return explained(error, circumstances)
}

/** The error that the real SDK throws when AWS refuses in these words; asked once, however often AWS might be asked. */
async function thrown(service: 'ec2' | 'rds' | 'sts', code: string, message: string): Promise<unknown> {
  const no = refusal(code, message)
  await using aws = await openAws({
    DescribeInstances: no,
    DescribeDBInstances: no,
    CreateDBInstance: no,
    GetCallerIdentity: no,
  })
  const config = { ...aws.config, maxAttempts: 1 }
  const [ec2, rds, sts] = [new EC2Client(config), new RDSClient(config), new STSClient(config)]
  ec2.middlewareStack.add(explainRefusals('ec2', named), FIRST)
  rds.middlewareStack.add(explainRefusals('rds', named), FIRST)
  sts.middlewareStack.add(explainRefusals('sts', named), FIRST)
  const asking = {
    ec2: () => ec2.send(new DescribeInstancesCommand({})),
    rds: () => rds.send(new DescribeDBInstancesCommand({})),
    sts: () => sts.send(new GetCallerIdentityCommand({})),
  }
  return await asking[service]().catch((error: unknown) => error)
}

function findingOf(error: unknown): Finding {
  const told = explainedIn('eu-central-1', error)
  if (told instanceof LabError) return told.finding
  throw new Error('It was not explained.', { cause: error })
}

const ARN = 'arn:aws:sts::123456789012:assumed-role/voclabs/user1=renee'
const CIPHER = 'Zq9_hT3kQ-x1'.repeat(40)
const TOKEN = 'IQoJb3JpZ2luX2VjEXAMPLETOKEN'

const wordings: readonly [
  service: 'ec2' | 'rds' | 'sts',
  code: string,
  message: string,
  what: string,
  why: RegExp,
][] = [
  [
    'ec2',
    'AuthFailure',
    'AWS was not able to validate the provided access credentials',
    'AWS does not accept these credentials.',
    /region \(eu-central-1\) that the account has not enabled/,
  ],
  [
    'sts',
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
    'AWS does not accept these credentials.',
    /^The security token included/,
  ],
  [
    'rds',
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    'AWS does not accept these credentials.',
    /missing session token/,
  ],
  [
    'ec2',
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    'AWS does not accept these credentials.',
    /copied in part/,
  ],
  [
    'sts',
    'SignatureDoesNotMatch',
    'Signature expired: 20261122T090000Z is now earlier than 20261122T094500Z (20261122T100000Z - 15 min.)',
    'AWS refuses the request as too old.',
    /clock/,
  ],
  [
    'sts',
    'SignatureDoesNotMatch',
    'Signature not yet current: 20261122T110000Z is still later than 20261122T101500Z (20261122T100000Z + 15 min.)',
    'AWS refuses the request as too old.',
    /clock/,
  ],
  [
    'ec2',
    'RequestExpired',
    'Request has expired.',
    'AWS refuses the request as too old.',
    /temporary credentials have expired/,
  ],
  [
    'rds',
    'ExpiredToken',
    'The security token included in the request is expired',
    'The AWS session has expired.',
    /nothing that was made is lost/,
  ],
  [
    'sts',
    'ExpiredTokenException',
    'The security token included in the request is expired',
    'The AWS session has expired.',
    /Temporary credentials/,
  ],
  [
    'ec2',
    'UnauthorizedOperation',
    `You are not authorized to perform this operation. User: ${ARN} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: ${CIPHER}`,
    'These credentials may not do ec2:RunInstances on arn:aws:ec2:us-east-1:123456789012:instance/*.',
    /no identity-based policy allows the ec2:RunInstances action\.$/,
  ],
  [
    'rds',
    'AccessDenied',
    `User: ${ARN} is not authorized to perform: rds:CreateDBInstance on resource: arn:aws:rds:us-east-1:123456789012:db:flaskdb-instance with an explicit deny in an identity-based policy`,
    'These credentials may not do rds:CreateDBInstance on arn:aws:rds:us-east-1:123456789012:db:flaskdb-instance.',
    /explicit deny/,
  ],
  ['sts', 'AccessDeniedException', 'No.', 'These credentials may not do sts:GetCallerIdentity.', /^No\.$/],
  [
    'ec2',
    'OptInRequired',
    'You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.',
    'The AWS account is not ready.',
    /not subscribed/,
  ],
  [
    'ec2',
    'PendingVerification',
    'Your request for accessing resources in this region is being validated, and you will not be able to launch additional resources in this region until the validation is complete.',
    'AWS is still verifying the account for this region.',
    /being validated/,
  ],
  [
    'ec2',
    'VcpuLimitExceeded',
    'You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that the specified instance type belongs to.',
    'The account has no vCPUs left for a t3.micro, which needs 2, in eu-central-1.',
    /vCPU limit of 5/,
  ],
  [
    'ec2',
    'InstanceLimitExceeded',
    'Your quota allows for 0 more running instance(s).',
    'The account may run no more servers in eu-central-1.',
    /quota allows/,
  ],
  [
    'ec2',
    'SecurityGroupLimitExceeded',
    'The maximum number of security groups has been reached.',
    'The account may have no more security groups in eu-central-1.',
    /maximum/,
  ],
  [
    'rds',
    'InstanceQuotaExceeded',
    'Instance quota exceeded',
    'The account may have no more databases in eu-central-1.',
    /quota/,
  ],
  [
    'rds',
    'DBSubnetGroupQuotaExceeded',
    'You cannot exceed the DBSubnetGroup limit of 50',
    'The account may have no more DB subnet groups in eu-central-1.',
    /limit of 50/,
  ],
  [
    'rds',
    'StorageQuotaExceeded',
    'Storage quota exceeded',
    'The account may have no more storage in databases in eu-central-1.',
    /Storage/,
  ],
  [
    'rds',
    'FreeTierRestrictionError',
    'This account cannot create more than 2 DB instances.',
    'The account’s free plan does not allow this.',
    /more than 2/,
  ],
  [
    'ec2',
    'InvalidParameterCombination',
    "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, run 'describe-instance-types' with the filter 'free-tier-eligible=true'.",
    'The account’s free plan does not allow this.',
    /not eligible/,
  ],
  [
    'ec2',
    'RequestLimitExceeded',
    'Request limit exceeded.',
    'AWS answers "too many requests", even after ten attempts.',
    /class/,
  ],
  [
    'rds',
    'Throttling',
    'Rate exceeded',
    'AWS answers "too many requests", even after ten attempts.',
    /class/,
  ],
  [
    'sts',
    'ThrottlingException',
    'Rate exceeded',
    'AWS answers "too many requests", even after ten attempts.',
    /class/,
  ],
  [
    'rds',
    'InsufficientDBInstanceCapacity',
    'Cannot create a database instance because no Availability Zone has enough capacity.',
    'AWS has no room for the database in this region just now.',
    /enough capacity/,
  ],
  [
    'ec2',
    'InvalidKeyPair.NotFound',
    "The key pair 'vockey' does not exist",
    'The lab’s key pair is not in this region any more.',
    /vockey/,
  ],
  [
    'ec2',
    'VPCIdNotSpecified',
    'No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.',
    'The region eu-central-1 has no default VPC.',
    /No default VPC/,
  ],
  [
    'rds',
    'DBSubnetGroupDoesNotCoverEnoughAZs',
    "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: us-east-1a. Add subnets to cover at least 2 AZs.",
    'The database’s subnets lie in fewer than two zones.',
    /at least 2 AZs/,
  ],
  [
    'rds',
    'InvalidParameterCombination',
    'Cannot find version 8.0.11 for mysql',
    'RDS does not offer the MySQL that the lab asks for in eu-central-1.',
    /Cannot find version/,
  ],
  [
    'rds',
    'InvalidParameterCombination',
    'Cannot create the DB instance because its major version is past the end of standard support and Extended Support is disabled.',
    'RDS does not offer the MySQL that the lab asks for in eu-central-1.',
    /Extended Support/,
  ],
  [
    'rds',
    'FreeTierRestrictionError',
    'The specified backup retention period exceeds the maximum available to free tier customers.',
    'The account’s free plan does not allow this.',
    /retention/,
  ],
  [
    'rds',
    'FreeTierRestrictionError',
    "This instance size isn't available with free plan accounts.",
    'The account’s free plan does not allow this.',
    /size/,
  ],
  [
    'ec2',
    'Blocked',
    'Your account is currently blocked. Contact aws-verification@amazon.com if you have questions.',
    'AWS has blocked this account.',
    /aws-verification/,
  ],
  [
    'ec2',
    'VolumeLimitExceeded',
    'Maximum number of volumes reached.',
    'The account may have no more disks in eu-central-1.',
    /volumes/,
  ],
  [
    'ec2',
    'InsufficientInstanceCapacity',
    'We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a).',
    'AWS has no room for the server in its zone just now.',
    /sufficient t3\.micro/,
  ],
  [
    'ec2',
    'Unsupported',
    'Your requested instance type (t3.micro) is not supported in your requested Availability Zone (us-east-1e). Please retry your request by not specifying an Availability Zone or choosing us-east-1a, us-east-1b.',
    'AWS has no room for the server in its zone just now.',
    /us-east-1e/,
  ],
  [
    'ec2',
    'InvalidSubnetID.NotFound',
    "The subnet ID 'subnet-0123' does not exist",
    'A part of the network that the lab builds on is gone.',
    /subnet-0123/,
  ],
  [
    'rds',
    'InvalidVPCNetworkStateFault',
    'DB instance and EC2 security group are in different VPCs.',
    'A part of the network that the lab builds on is gone.',
    /different VPCs/,
  ],
  [
    'rds',
    'KMSKeyNotAccessibleFault',
    'The specified KMS key [null] does not exist, is not enabled or you do not have permissions to access it.',
    'The account may not use the key that encrypts databases.',
    /KMS key/,
  ],
  [
    'rds',
    'InvalidDBInstanceState',
    'Instance flaskdb-instance is not in available state.',
    'The database is busy with something else.',
    /available state/,
  ],
  [
    'rds',
    'InvalidParameterValue',
    'Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and try again later.',
    'RDS could not make the role that it needs in this account.',
    /first database/,
  ],
  [
    'ec2',
    'InternalError',
    'An internal error has occurred',
    'AWS itself has a fault in eu-central-1 just now.',
    /internal error/,
  ],
  [
    'rds',
    'ServiceUnavailable',
    'The request has failed due to a temporary failure of the server.',
    'AWS itself has a fault in eu-central-1 just now.',
    /temporary failure/,
  ],
]

test.each(wordings)('%s says %s: %s', async (service, code, message, what, why) => {
  const error = await thrown(service, code, message)
  expect(codeOf(error)).toBe(code)
  const told = explainedIn('eu-central-1', error)
  if (!(told instanceof LabError)) throw error
  expect(told.finding.what).toBe(what)
  expect(told.finding.why).toMatch(why)
  expect(told.finding.remedy.say).toMatch(/^[A-Z].+\.$/)
  expect(told.cause).toBe(error)
  expect(told.code).toBe(code.startsWith('ExpiredToken') ? 'expired' : undefined)
})

test('every sentence of a finding ends, and every command is one that can be typed', async () => {
  for (const [service, code, message] of wordings) {
    const { what, remedy } = findingOf(await thrown(service, code, message))
    expect(what).toMatch(/^[A-Z“"].*\.$/)
    for (const line of commandLines(remedy.run ?? [])) expect(line).toMatch(/^(aws|flasklab|date) [a-z-]+/)
  }
})

describe('a refusal of permission names what and on what, and leads to the policy', () => {
  const user = 'arn:aws:iam::123456789012:user/renee'
  const image = 'arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/al2023'
  const allow = `Have whoever runs the account attach a policy to ${user}`

  test.each([
    [
      'ec2',
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. User: ${user} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: ${CIPHER}`,
      'ec2:RunInstances on arn:aws:ec2:us-east-1:123456789012:instance/*',
      allow,
    ],
    [
      'ec2',
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. Encoded authorization failure message: ${CIPHER}`,
      'ec2:DescribeInstances',
      'attach a policy to you',
    ],
    [
      'ec2',
      'UnauthorizedOperation',
      'You are not authorized to perform this operation.',
      'ec2:DescribeInstances',
      'attach a policy to you',
    ],
    [
      'ec2',
      'UnauthorizedOperation',
      `User: ${user} is not authorized to perform: ssm:GetParameters on resource: ${image} because no identity-based policy allows the ssm:GetParameters action`,
      `ssm:GetParameters on ${image}`,
      allow,
    ],
    [
      'rds',
      'AccessDenied',
      `User: ${user} is not authorized to perform: rds:CreateDBInstance on resource: arn:aws:rds:us-east-1:123456789012:db:flaskdb-instance`,
      'rds:CreateDBInstance on arn:aws:rds:us-east-1:123456789012:db:flaskdb-instance',
      allow,
    ],
    [
      'rds',
      'AccessDenied',
      `User: ${user} is not authorized to perform: rds:DescribeDBInstances with an explicit deny in an identity-based policy`,
      'rds:DescribeDBInstances',
      'or demands credentials that were got with a code (MFA)',
    ],
    [
      'rds',
      'AccessDenied',
      `User: ${user} is not authorized to perform: rds:AddTagsToResource on resource: arn:aws:rds:us-east-1:123456789012:subgrp:flasklab-lab-1 because no permissions boundary allows the rds:AddTagsToResource action`,
      'rds:AddTagsToResource on arn:aws:rds:us-east-1:123456789012:subgrp:flasklab-lab-1',
      'A rule of the account stands above your own permissions',
    ],
    [
      'ec2',
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. User: ${ARN} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:123456789012:instance/* with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/Pvoclabs1. Encoded authorization failure message: ${CIPHER}`,
      'ec2:RunInstances on arn:aws:ec2:us-east-1:123456789012:instance/*',
      'A Learner Lab’s permissions can’t be changed',
    ],
  ] as const)('%s, %s: %s', async (service, code, message, what, say) => {
    const finding = findingOf(await thrown(service, code, message))
    expect(finding.what).toBe(`These credentials may not do ${what}.`)
    expect(finding.remedy).toEqual({ say: expect.stringContaining(say), run: ['flasklab iam-policy'] })
    expect(JSON.stringify(finding)).not.toContain(CIPHER)
  })
})

test.each([
  [0, 'The AWS session has expired.', 'expired'],
  [-20 * 60_000, 'AWS refuses the request as too old.', undefined],
])(
  'where the clock is known to be %d ms off, a request that is too old tells which of its causes it is',
  async (offset, what, code) => {
    const told = explainedIn(
      'us-east-1',
      await thrown('ec2', 'RequestExpired', 'Request has expired.'),
      offset,
    )
    expect(told).toMatchObject({ finding: { what }, code })
  },
)

describe('AWS’s words are told without what is secret or no use', () => {
  test('the encoded part of a refusal is cut off', async () => {
    const message = `User: ${ARN} is not authorized to perform: ec2:RunInstances. Encoded authorization failure message: ${CIPHER} Then more.`
    const told = JSON.stringify(findingOf(await thrown('ec2', 'UnauthorizedOperation', message)))
    expect(told).not.toContain(CIPHER)
    expect(told).not.toContain('Encoded')
    expect(told).toContain('Then more.')
  })

  test('a request that could not be verified is not repeated: it holds the session token', async () => {
    const message = `The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nhost:rds.us-east-1.amazonaws.com\nx-amz-security-token:${TOKEN}\n\nhost;x-amz-security-token\nabc'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256'\n`
    const finding = findingOf(await thrown('rds', 'SignatureDoesNotMatch', message))
    expect(JSON.stringify(finding)).not.toContain(TOKEN)
    expect(finding.why).toMatch(
      /^The request signature we calculated does not match the signature you provided\. /,
    )
  })

  test('a master password that is refused is not told', async () => {
    await using aws = await openAws({
      CreateDBInstance: refusal(
        'InvalidParameterValue',
        'The parameter MasterUserPassword is not a valid password.',
      ),
    })
    const rds = new RDSClient({ ...aws.config, maxAttempts: 1 })
    const request = new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'x',
      DBInstanceClass: 'db.t3.micro',
      Engine: 'mysql',
      MasterUserPassword: 'S3cretS3cret',
    })
    const error = await rds.send(request).catch((no: unknown) => no)
    expect(JSON.stringify(findingOf(error))).not.toContain('S3cret')
  })
})

describe('credentials that are not there', () => {
  const provider = (message: string) =>
    Object.assign(new Error(message), { name: 'CredentialsProviderError' })

  test('none at all is a finding that code can tell, so that something else may be offered', () => {
    const told = explainedIn('us-east-1', provider('Could not load credentials from any providers'))
    expect(told).toMatchObject({
      code: 'no-credentials',
      finding: {
        what: 'There are no AWS credentials on this machine.',
        remedy: { run: ['aws configure', 'flasklab up'] },
      },
    })
  })

  test.each([
    [
      'Profile school requires multi-factor authentication, but no MFA code callback was provided.',
      'These credentials need a code from your MFA device, which flasklab can’t ask for.',
    ],
    [
      'The SSO session associated with this profile has expired. To refresh this SSO session run aws sso login with the corresponding profile.',
      'The single sign-on session has ended, or has not begun.',
    ],
    [
      "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.",
      'The single sign-on session has ended, or has not begun.',
    ],
    [
      'Could not resolve credentials using profile: [scholl] in configuration/credentials file(s).',
      'The AWS profile that is asked for gives no credentials.',
    ],
  ])('%j is not mistaken for none at all', (message, what) => {
    const told = explainedIn('us-east-1', provider(message))
    expect(told).toMatchObject({ code: undefined, finding: { what, why: expect.stringContaining(message) } })
  })
})

describe('failures below AWS’s answers', () => {
  test.each([
    [
      'ENOTFOUND',
      'getaddrinfo ENOTFOUND ec2.us-est-1.amazonaws.com',
      "AWS can't be found on the network (region eu-central-1).",
    ],
    [
      'EAI_AGAIN',
      'getaddrinfo EAI_AGAIN ec2.us-east-1.amazonaws.com',
      "AWS can't be found on the network (region eu-central-1).",
    ],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:1', 'The connection to AWS failed.'],
    ['ECONNRESET', 'read ECONNRESET', 'The connection to AWS failed.'],
    ['ETIMEDOUT', 'connect ETIMEDOUT 10.0.0.1:443', 'The connection to AWS failed.'],
    ['ENETUNREACH', 'connect ENETUNREACH 10.0.0.1:443', 'The connection to AWS failed.'],
    ['EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:443', 'The connection to AWS failed.'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'self-signed certificate in certificate chain',
      'Something on this machine or network opens encrypted connections.',
    ],
    [
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'unable to get local issuer certificate',
      'Something on this machine or network opens encrypted connections.',
    ],
  ])('%s is a finding', (code, message, what) => {
    const { remedy, ...finding } = findingOf(Object.assign(new Error(message), { code }))
    expect(finding.what).toBe(what)
    expect(finding.why).not.toBe('')
    expect(remedy.run).not.toEqual([])
  })

  test('a request that got no answer in time is one', () => {
    const error = Object.assign(new Error('Connection timed out after 5000 ms'), { name: 'TimeoutError' })
    expect(findingOf(error).what).toBe('The connection to AWS failed.')
  })

  test('a finding stays as it is, and what is no answer of AWS is left to be a bug', () => {
    const finding = new LabError({ what: 'x', remedy: { say: 'y' } })
    expect(explainedIn('r', finding)).toBe(finding)
    const bug = new TypeError('undefined is not a function')
    expect(explainedIn('r', bug)).toBe(bug)
  })
})

describe('codes', () => {
  test('RDS names its errors …Fault; the code is what counts', async () => {
    for (const code of [
      'DBInstanceAlreadyExists',
      'InvalidDBInstanceState',
      'DBInstanceNotFound',
      'InstanceQuotaExceeded',
    ]) {
      const error = await thrown('rds', code, 'x')
      expect(codeOf(error)).toBe(code)
    }
    expect(codeOf(Object.assign(new Error('x'), { name: 'Throttling' }))).toBe('Throttling')
  })
})

describe('an error that leaves the adapter', () => {
  const record = newRecord('lab', 'aws', 'us-east-1', undefined)

  test('is a finding, and a refusal is not asked for again', async () => {
    await using aws = await openAws({ DescribeInstances: refusal('UnauthorizedOperation', 'No.') })
    const cloud = createCloud(aws.config, () => record)
    await expect(cloud.findServer()).rejects.toMatchObject({
      finding: { what: 'These credentials may not do ec2:DescribeInstances.' },
    })
    expect(aws.requests).toHaveLength(1)
  })

  test('a server of AWS that stumbles is asked again', async () => {
    await using aws = await openAws({
      DescribeInstances: [
        refusal('InternalError', 'x', 500),
        refusal('Unavailable', 'x', 503),
        set('reservationSet'),
      ],
    })
    const cloud = createCloud(aws.config, () => record)
    expect(await cloud.findServer()).toBeUndefined()
    expect(aws.requests).toHaveLength(3)
  })

  test('the region stays a text', async () => {
    await using aws = await openAws({}, 'eu-central-1')
    expect(createCloud(aws.config, () => record).region).toBe('eu-central-1')
  })
})

test('a thing that AWS does not know yet is asked for again, and other errors are not', async () => {
  let asked = 0
  const refusing = (Code: string) => async () => {
    if (++asked < 3) throw Object.assign(new Error('x'), { Code })
    return asked
  }
  expect(await onceKnown(refusing('InvalidGroup.NotFound'), { clock: fakeClock() })).toBe(3)
  asked = 0
  await expect(onceKnown(refusing('InvalidGroup.InUse'), { clock: fakeClock() })).rejects.toThrow('x')
  expect(asked).toBe(1)
})
