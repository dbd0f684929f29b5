import { expect, test } from 'vitest'
import { cloudLooks } from '../../../src/checks/evidence/cloud.ts'
import { serverAddress } from '../../../src/checks/server/server-address.ts'
import { serverExists } from '../../../src/checks/server/server-exists.ts'
import { fakeWorld } from '../../phases/fake-kit.ts'
import { fakeEvidence, linesOf } from '../fake-evidence.ts'

test('a server without a public address is given one again, and not terminated', async () => {
  expect(await serverAddress.examine(fakeEvidence({ server: { address: undefined } }))).toMatchObject({
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
  using world = fakeWorld({ findUntagged: async () => [{ kind: 'server', id: 'i-9', name: '' }] })
  const { server, lostServer } = cloudLooks(world.kit, world.kit.cloud)
  const outcome = await serverExists.examine({ ...fakeEvidence({}), server, lostServer })
  expect(outcome).toMatchObject({
    status: 'fail',
    finding: { what: expect.stringContaining('i-9 is this lab’s') },
  })
  expect(linesOf(outcome)).toEqual([
    expect.stringMatching(/^aws ec2 create-tags --resources i-9 /),
    'flasklab doctor',
  ])
})
