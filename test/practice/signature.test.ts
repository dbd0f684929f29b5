import { expect, test } from 'vitest'
import { sendRaw, type Wish } from './signed-request.ts'
import { openCloud } from './support.ts'

const inEc2 = { body: 'Action=DescribeVpcs&Version=2016-11-15' }
const inRds = { body: 'Action=DescribeDBInstances&Version=2014-10-31', service: 'rds' }
const inSts = { body: 'Action=GetCallerIdentity&Version=2011-06-15', service: 'sts' }

async function outcome(wish: Wish): Promise<string> {
  await using cloud = await openCloud()
  const { status, code, message } = await sendRaw(cloud, wish)
  return code === undefined ? `${status}` : `${status} ${code}: ${message}`
}

test('a request signed by another implementation is answered by each service', async () => {
  expect(await Promise.all([outcome(inEc2), outcome(inRds), outcome(inSts)])).toEqual(['200', '200', '200'])
})

test('a body changed on the way is refused', async () => {
  const body = 'Action=DescribeVpcs&Version=2016-11-15&MaxResults=5'
  expect(await outcome({ ...inEc2, tamper: { body } })).toMatch(
    /^403 SignatureDoesNotMatch: The request signature we/,
  )
})

test('a body changed on the way is refused even if its hash was signed as a header', async () => {
  const headers = { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }
  expect(await outcome({ ...inEc2, tamper: { body: `${inEc2.body}&MaxResults=5`, headers } })).toMatch(
    /^403 SignatureDoesNotMatch/,
  )
})

test('a changed header that was signed is refused', async () => {
  expect(await outcome({ ...inEc2, tamper: { headers: { host: 'localhost' } } })).toMatch(
    /SignatureDoesNotMatch/,
  )
})

test('a wrong secret is refused', async () => {
  const credentials = { accessKeyId: 'AKIAPRACTICE00000000', secretAccessKey: 'wrong' }
  expect(await outcome({ ...inEc2, credentials })).toMatch(/^403 SignatureDoesNotMatch/)
  expect(await outcome({ ...inSts, credentials })).toMatch(/^403 SignatureDoesNotMatch/)
})

test('an unknown key is refused in the words of each service', async () => {
  const credentials = { accessKeyId: 'AKIAANOTHER000000000', secretAccessKey: 'practice/secret+for/tests' }
  expect(await outcome({ ...inEc2, credentials })).toBe(
    '401 AuthFailure: AWS was not able to validate the provided access credentials',
  )
  const inQuery = '403 InvalidClientTokenId: The security token included in the request is invalid.'
  expect(await outcome({ ...inRds, credentials })).toBe(inQuery)
  expect(await outcome({ ...inSts, credentials })).toBe(inQuery)
})

test('a region that is not enabled looks like bad credentials, as on AWS', async () => {
  expect(await outcome({ ...inEc2, region: 'eu-south-1' })).toMatch(/^401 AuthFailure/)
  expect(await outcome({ ...inRds, region: 'moon-1' })).toMatch(/^403 InvalidClientTokenId/)
})

test('a request without a signature is refused', async () => {
  const text = '403 MissingAuthenticationToken: Request is missing Authentication Token'
  expect(await outcome({ ...inEc2, unsigned: true })).toBe(text)
  expect(await outcome({ ...inRds, unsigned: true })).toBe(text)
})

test('an authorization of another kind is refused', async () => {
  const wish = { ...inEc2, unsigned: true, tamper: { headers: { authorization: 'Bearer practice' } } }
  expect(await outcome(wish)).toMatch(/^400 IncompleteSignature/)
})

test('a clock that is off by more than 15 minutes is refused, to either side', async () => {
  const late = { signingDate: new Date(Date.now() - 16 * 60_000) }
  const early = { signingDate: new Date(Date.now() + 16 * 60_000) }
  expect(await outcome({ ...inEc2, ...late })).toBe('400 RequestExpired: Request has expired.')
  expect(await outcome({ ...inEc2, ...early })).toBe('400 RequestExpired: Request has expired.')
  expect(await outcome({ ...inRds, ...late })).toMatch(
    /^403 SignatureDoesNotMatch: Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
  )
  expect(await outcome({ ...inRds, ...early })).toMatch(
    /^403 SignatureDoesNotMatch: Signature not yet current: /,
  )
})

test('a clock that is off by 14 minutes is accepted', async () => {
  expect(await outcome({ ...inEc2, signingDate: new Date(Date.now() - 14 * 60_000) })).toBe('200')
})

test('credentials scoped to another service do not serve', async () => {
  expect(await outcome({ ...inEc2, service: 'rds' })).toBe(
    "403 SignatureDoesNotMatch: Credential should be scoped to correct service: 'ec2'.",
  )
  expect(await outcome({ ...inEc2, service: 's3' })).toMatch(/^403 SignatureDoesNotMatch/)
})

test('a web page has no access, whatever it sends', async () => {
  const from = (headers: Record<string, string>) => outcome({ ...inEc2, tamper: { headers } })
  expect(await from({ origin: 'http://127.0.0.1:5000' })).toBe('403 AccessDenied: Web pages have no access.')
  expect(await from({ 'content-type': 'text/plain' })).toMatch(/^415 /)
  // A name that was rebound to loopback: the browser still sends the name.
  expect(await from({ host: 'attacker.example' })).toMatch(/^403 AccessDenied/)
  expect(await outcome({ ...inEc2, tamper: { method: 'OPTIONS', body: '' } })).toMatch(/^405 /)
})

test('only POST is served, and no more than 1 MiB of it', async () => {
  expect(await outcome({ ...inEc2, tamper: { method: 'GET', body: '' } })).toMatch(/^405 InvalidAction/)
  expect(await outcome({ body: `${inEc2.body}&X=${'a'.repeat(1024 * 1024)}` })).toMatch(
    /^413 RequestEntityTooLarge/,
  )
})

test('the secret and the values of a request never reach the request log', async () => {
  await using cloud = await openCloud()
  const body = `Action=CreateDBInstance&Version=2014-10-31&DBInstanceIdentifier=x&DBInstanceClass=y&Engine=mysql&MasterUserPassword=hunter2hunter2`
  await sendRaw(cloud, { body, service: 'rds' })
  expect(cloud.calls).toEqual([
    {
      time: expect.any(Number),
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      service: 'rds',
      region: 'us-east-1',
      action: 'CreateDBInstance',
      members: ['DBInstanceIdentifier', 'DBInstanceClass', 'Engine', 'MasterUserPassword'],
      outcome: 'InvalidParameterValue',
    },
  ])
  expect(JSON.stringify([cloud.calls, cloud.logged])).not.toMatch(/hunter2|practice\/secret/)
})
