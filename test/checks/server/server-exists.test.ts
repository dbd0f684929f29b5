import { expect, test } from 'vitest'
import { checksInOrder } from '../../../src/checks/in-order.ts'
import { lineWith } from '../../support/line-with.ts'
import { fakeEvidence } from '../fake-evidence.ts'

test('a server without a public address is given one again, and not terminated', async () => {
  const check = checksInOrder.find(({ id }) => id === 'server-address')
  expect(await check?.examine(fakeEvidence({ server: { address: undefined } }))).toMatchObject({
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

test('a server that lost its tags is named, with the command that gives them back; no other one is launched', async () => {
  const check = checksInOrder.find(({ id }) => id === 'server-exists')
  const evidence = {
    ...fakeEvidence({
      kit: {
        cloud: { region: 'us-east-1', findUntagged: async () => [{ kind: 'server', id: 'i-9', name: '' }] },
        record: { value: { id: '0a1b', name: 'lab', owner: 'AIDA1' } },
      },
    }),
    server: async () => undefined,
  }
  expect(await check?.examine(evidence)).toMatchObject({
    status: 'fail',
    finding: {
      what: expect.stringContaining('i-9 is this lab’s'),
      remedy: { run: [lineWith(/^aws ec2 create-tags --resources i-9 /), 'flasklab doctor'] },
    },
  })
})
