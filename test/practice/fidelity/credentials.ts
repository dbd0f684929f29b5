import { DescribeVpcsCommand } from '@aws-sdk/client-ec2'
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import { changeLaptop } from '../../../src/practice/laptop.ts'
import type { TestCloud } from '../support.ts'
import { type Behaviour, ec2, rds, sts } from './behaviour.ts'

const TWENTY_MINUTES_MS = 20 * 60_000

const unknownKey = { accessKeyId: 'AKIAUNKNOWN000000000' }
const wrongSecret = { secretAccessKey: 'not/the+secret' }
const clockOff = (clockOffsetMs: number) => (cloud: TestCloud) =>
  changeLaptop(cloud.cloud.state, { clockOffsetMs })
const sessionOver = (cloud: TestCloud) => changeLaptop(cloud.cloud.state, { credentials: 'expired' })

const describeVpcs = () => new DescribeVpcsCommand({})
const describeDatabases = () => new DescribeDBInstancesCommand({})
const whoAmI = () => new GetCallerIdentityCommand({})

const invalidToken = {
  code: 'InvalidClientTokenId',
  message: 'The security token included in the request is invalid.',
  status: 403,
}
const wrongSignature = {
  code: 'SignatureDoesNotMatch',
  message: /^The request signature we calculated does not match the signature you provided\./,
  status: 403,
}

export const credentialBehaviours: readonly Behaviour[] = [
  sts({
    says: 'STS tells account, ARN and user id of whoever asks',
    ask: whoAmI,
    aws: ({ Account, Arn, UserId }) => {
      expect(Account).toBe('123456789012')
      expect(Arn).toMatch(/^arn:aws:iam::123456789012:user\/\S+$/)
      expect(UserId).toMatch(/^AIDA[A-Z0-9]+$/)
    },
  }),
  ec2({
    says: 'EC2 does not validate a key that it does not know',
    signer: unknownKey,
    ask: describeVpcs,
    aws: {
      code: 'AuthFailure',
      message: 'AWS was not able to validate the provided access credentials',
      status: 401,
    },
  }),
  rds({
    says: 'RDS finds the token of an unknown key invalid',
    signer: unknownKey,
    ask: describeDatabases,
    aws: invalidToken,
  }),
  ec2({
    says: 'EC2 refuses a signature made with another secret',
    signer: wrongSecret,
    ask: describeVpcs,
    aws: wrongSignature,
  }),
  rds({
    says: 'RDS refuses a signature made with another secret',
    signer: wrongSecret,
    ask: describeDatabases,
    aws: wrongSignature,
  }),
  ec2({
    says: 'a request that reaches EC2 more than 15 minutes late has expired',
    given: clockOff(-TWENTY_MINUTES_MS),
    ask: describeVpcs,
    aws: { code: 'RequestExpired', status: 400 },
  }),
  ec2({
    says: 'a request dated more than 15 minutes in the future has expired for EC2 as well',
    given: clockOff(TWENTY_MINUTES_MS),
    ask: describeVpcs,
    aws: { code: 'RequestExpired', status: 400 },
  }),
  rds({
    says: 'a request that reaches RDS too late has a signature that does not match',
    given: clockOff(-TWENTY_MINUTES_MS),
    ask: describeDatabases,
    aws: { code: 'SignatureDoesNotMatch', message: /^Signature expired: /, status: 403 },
  }),
  sts({
    says: 'a request from the future has a signature that does not match for STS',
    given: clockOff(TWENTY_MINUTES_MS),
    ask: whoAmI,
    aws: { code: 'SignatureDoesNotMatch', message: /^Signature not yet current: /, status: 403 },
  }),
  ec2({
    says: 'EC2 has the same word for a session that is over as for a late request',
    given: sessionOver,
    ask: describeVpcs,
    aws: { code: 'RequestExpired' },
  }),
  rds({
    says: 'RDS says that the token of a session that is over has expired',
    given: sessionOver,
    ask: describeDatabases,
    aws: { code: 'ExpiredToken', status: 403 },
  }),
  ec2({
    says: 'a region that is not enabled looks like bad credentials to EC2',
    signer: { region: 'af-south-1' },
    ask: describeVpcs,
    aws: { code: 'AuthFailure', message: 'AWS was not able to validate the provided access credentials' },
  }),
  rds({
    says: 'a region that is not enabled looks like an invalid token to RDS',
    signer: { region: 'af-south-1' },
    ask: describeDatabases,
    aws: invalidToken,
  }),
]
