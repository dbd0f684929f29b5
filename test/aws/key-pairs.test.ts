import { expect, test } from 'vitest'
import { publicKeyOf } from '../../src/aws/key-pairs.ts'
import { fields, openAws, refusal, set } from './scripted-aws.ts'

test('the public half of a pair is asked for by the pair’s name', async () => {
  const pair = fields({ keyName: 'mine', publicKey: 'ssh-ed25519 AAAA mine' })
  await using aws = await openAws({ DescribeKeyPairs: set('keySet', pair) })
  expect(await publicKeyOf(aws.clients, 'mine')).toBe('ssh-ed25519 AAAA mine')
  expect(aws.asked('DescribeKeyPairs')).toEqual([
    { 'Filter.1.Name': 'key-name', 'Filter.1.Value.1': 'mine', IncludePublicKey: 'true' },
  ])
})

test.each([
  ['is gone', set('keySet')],
  ['may not be asked for', refusal('UnauthorizedOperation', 'You are not authorized.', 403)],
])('no public key is told where the pair %s', async (_, answer) => {
  await using aws = await openAws({ DescribeKeyPairs: answer })
  expect(await publicKeyOf(aws.clients, 'mine')).toBeUndefined()
})
