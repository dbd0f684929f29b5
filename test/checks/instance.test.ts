import { expect, test } from 'vitest'
import { instanceChecks } from '../../src/checks/instance.ts'
import { fakeSight } from './fake-sight.ts'

test('a server without a public address is given one again, and not terminated', async () => {
  const check = instanceChecks.find(({ id }) => id === 'server-address')
  expect(await check?.examine(fakeSight({ server: { address: undefined } }))).toMatchObject({
    status: 'fail',
    finding: {
      what: 'The server i-1 runs but has no public address.',
      remedy: {
        run: [
          'aws ec2 modify-network-interface-attribute --network-interface-id eni-1 --associate-public-ip-address --region us-east-1',
        ],
      },
    },
  })
})
