import { expect, test } from 'vitest'
import { dbDns } from '../../../src/checks/database/db-dns.ts'
import { dbPort } from '../../../src/checks/database/db-port.ts'
import { systemClock } from '../../../src/cli/system-clock.ts'
import type { Reachability } from '../../../src/host/commands.ts'
import { type Check, diagnose, rootCauses } from '../../../src/lab/check.ts'
import { fakeEvidence, surveyOf } from '../fake-evidence.ts'

/** A server on which the endpoint's name has these addresses. */
function evidenceOf(databaseAddresses: readonly string[], way: Reachability) {
  return { ...fakeEvidence({ way }), survey: async () => surveyOf({ databaseAddresses }) }
}

const checks: readonly Check<ReturnType<typeof evidenceOf>>[] = [
  ...[...new Set([...dbDns.needs, ...dbPort.needs])]
    .filter((id) => id !== 'db-dns')
    .map((id) => ({ id, title: id, needs: [], examine: async () => ({ status: 'pass' }) as const })),
  dbDns,
  dbPort,
]

const causesOf = async (addresses: readonly string[], way: Reachability) =>
  rootCauses(await diagnose(checks, evidenceOf(addresses, way), { eachMs: 1_000, allMs: 1_000 }, systemClock))

test('a name that does not resolve is the one cause, and the port is not said to be refused', async () => {
  expect(await causesOf([], 'unresolved')).toEqual(['db-dns'])
  expect(await dbDns.examine(evidenceOf([], 'unresolved'))).toMatchObject({
    finding: {
      remedy: {
        run: [
          'aws ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-support Value=true --region us-east-1',
          'aws ec2 modify-vpc-attribute --vpc-id vpc-1 --enable-dns-hostnames Value=true --region us-east-1',
          'flasklab doctor',
        ],
      },
    },
  })
})

test.each<[Reachability, string]>([
  ['refused', 'is refused'],
  ['silent', 'nothing answers'],
  ['unresolved', 'was not found, although it resolves'],
])('a port that is %s behind a name that resolves is told as that', async (way, what) => {
  expect(await causesOf(['172.31.16.9'], way)).toEqual(['db-port'])
  expect(await dbPort.examine(evidenceOf(['172.31.16.9'], way))).toMatchObject({
    finding: { what: expect.stringContaining(what) },
  })
})
