import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { expect, test } from 'vitest'
import { canBeLaptop, changeLaptop, laptopOf } from '../../src/practice/laptop.ts'
import { sendRaw } from './signed-request.ts'
import { key, openCloud, refusal, type TestCloud } from './support.ts'

const MINUTE_MS = 60_000

function withRetries(cloud: TestCloud): EC2Client {
  return new EC2Client({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: key, maxAttempts: 3 })
}

test('a laptop begins at its own address, with the right time and good credentials', async () => {
  await using cloud = await openCloud()
  expect(laptopOf(cloud.cloud.state)).toEqual({
    address: '203.0.113.7',
    clockOffsetMs: 0,
    credentials: 'valid',
  })
})

test.each([
  ['203.0.113.99', true],
  ['192.0.2.1', true],
  ['0.0.0.0', false],
  ['10.0.0.1', false],
  ['172.31.4.4', false],
  ['198.51.100.20', false],
  ['255.255.255.255', false],
])('that a laptop is seen at %s is %s', (address, can) => {
  expect(canBeLaptop(address)).toBe(can)
})

test.each([
  ['fast', 20],
  ['slow', -20],
])('the SDK finds out that the clock is 20 minutes %s, and corrects itself', async (_word, minutes) => {
  await using cloud = await openCloud()
  changeLaptop(cloud.cloud.state, { clockOffsetMs: minutes * MINUTE_MS })
  const ec2 = withRetries(cloud)
  await ec2.send(new DescribeVpcsCommand({}))
  ec2.destroy()
  expect(cloud.calls.map(({ outcome }) => outcome)).toEqual(['RequestExpired', 'OK'])
  expect(Math.round(ec2.config.systemClockOffset / MINUTE_MS)).toBe(-minutes)
})

test('who signs with a clock that is off and does not look at the answer is refused', async () => {
  await using cloud = await openCloud()
  changeLaptop(cloud.cloud.state, { clockOffsetMs: 20 * MINUTE_MS })
  const body = 'Action=GetCallerIdentity&Version=2011-06-15'
  expect(await sendRaw(cloud, { body, service: 'sts' })).toMatchObject({
    code: 'SignatureDoesNotMatch',
    message: expect.stringMatching(/^Signature not yet current: /),
  })
  changeLaptop(cloud.cloud.state, { clockOffsetMs: -20 * MINUTE_MS })
  expect(await sendRaw(cloud, { body, service: 'sts' })).toMatchObject({
    message: expect.stringMatching(/^Signature expired: /),
  })
})

test('expired credentials are refused in the words of each service', async () => {
  await using cloud = await openCloud()
  changeLaptop(cloud.cloud.state, { credentials: 'expired' })
  const expired = 'ExpiredToken: The security token included in the request is expired'
  expect(await refusal(cloud.sts().send(new GetCallerIdentityCommand({})))).toBe(expired)
  expect(await refusal(cloud.rds().send(new DescribeDBInstancesCommand({})))).toBe(expired)
  expect(await refusal(cloud.ec2().send(new DescribeVpcsCommand({})))).toMatch(/^RequestExpired/)
  changeLaptop(cloud.cloud.state, { credentials: 'valid' })
  expect(await refusal(cloud.ec2().send(new DescribeVpcsCommand({})))).toBe('accepted')
})
