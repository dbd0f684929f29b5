import { expect, test } from 'vitest'
import { networkAcl } from '../../../src/checks/network/network-acl.ts'
import type { Outcome } from '../../../src/lab/check.ts'
import type { AclEntry } from '../../../src/net/firewall.ts'
import { fakeEvidence } from '../fake-evidence.ts'

const EVERYWHERE = '0.0.0.0/0'
const entry = (
  number: number,
  egress: boolean,
  ports?: readonly [number, number],
  allow = true,
): AclEntry => ({
  number,
  egress,
  protocol: ports === undefined ? '-1' : '6',
  allow,
  cidr: EVERYWHERE,
  ...(ports === undefined ? {} : { fromPort: ports[0], toPort: ports[1] }),
})
const open = [entry(100, false), entry(100, true)]
const last = [false, true].map((egress) => ({ ...entry(32_767, egress), allow: false }))

/** Both subnets have one ACL. */
function ask(...entries: readonly AclEntry[]): Promise<Outcome> {
  const acls = [{ id: 'acl-1', subnetIds: ['subnet-a', 'subnet-b'], entries: [...entries, ...last] }]
  return networkAcl.examine(fakeEvidence({ network: { acls }, way: 'answers' }))
}

test('the default ACL stands in nobody’s way', async () => {
  expect(await ask(...open)).toEqual({ status: 'pass' })
})

test.each([
  ['the lowest', 32_768, 32_770, 32_768],
  ['the highest', 65_000, 65_535, 65_000],
  ['some of the middle', 40_000, 40_100, 40_000],
  ['many from below on', 5_000, 40_000, 32_768],
])(
  '%s of the ports for answers, denied, are found though a probe comes through',
  async (_, from, to, port) => {
    expect(await ask(entry(90, true, [from, to], false), ...open)).toMatchObject({
      status: 'fail',
      finding: {
        what: `The network ACL acl-1 of the subnet subnet-a denies by its outbound entry 90 a part of the answers to 203.0.113.7 (ports 1024–65535), port ${port} for example.`,
        remedy: {
          run: [
            'aws ec2 delete-network-acl-entry --network-acl-id acl-1 --egress --rule-number 90 --region us-east-1',
          ],
        },
      },
    })
  },
)

test('answers that only some routers need are a warning', async () => {
  const outcome = await ask(
    entry(100, false),
    entry(100, true, [32_768, 65_535]),
    entry(99, true, [3306, 3306]),
  )
  expect(outcome).toMatchObject({
    status: 'warn',
    finding: {
      what: expect.stringContaining('has no entry that allows a part of the answers to 203.0.113.7'),
    },
  })
})

test('a port above the last entry that allows is found, too', async () => {
  const outcome = await ask(entry(100, false), entry(100, true, [1_024, 60_000]))
  expect(outcome).toMatchObject({
    status: 'fail',
    finding: {
      what: expect.stringContaining(
        'has no entry that allows a part of the answers to 203.0.113.7 (ports 1024–65535), port 60001',
      ),
    },
  })
})

test('the database’s answers need the ports of the server’s own system only', async () => {
  const denied = (from: number, to: number) => ask(entry(90, false, [from, to], false), ...open)
  expect(await denied(61_000, 65_535)).toEqual({ status: 'pass' })
  expect(await denied(60_999, 60_999)).toMatchObject({
    status: 'fail',
    finding: {
      what: expect.stringContaining('a part of the answers of the database, port 60999 for example'),
    },
  })
})
