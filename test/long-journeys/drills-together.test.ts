import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { drills } from '../../src/drills/all.ts'
import type { CloudState } from '../../src/practice/state.ts'
import { prepareGround } from '../support/drill-ground.ts'

const { student, type, examine, withFault } = prepareGround()

describe('two faults in different places', () => {
  test.each([
    ['site-rule-gone', 'table-dropped'],
    ['db-public', 'service-stopped'],
    ['db-rule-gone', 'mysql-client-removed'],
    ['clock-fast', 'server-stopped'],
    ['key-readable', 'db-stopped'],
  ])('%s and %s are both root causes', async (one, other) => {
    const causes = drills
      .filter(({ id }) => id === one || id === other)
      .map(({ expectedCheck }) => expectedCheck)
    let found: readonly string[] = []
    // The second first: some faults of the first keep everybody out.
    await withFault(other, () =>
      withFault(one, async () => {
        found = (await examine()).rootCauses
      }),
    )
    expect(found.toSorted()).toEqual(causes.toSorted())
  })
})

test('a fault of the network hides no lab, and cleaning up takes it back, for the next one', async () => {
  await type('practice', 'start')
  await type('practice', 'break', 'route-lost')
  const { stdout } = await type('status')
  expect(stdout).toMatch(
    /\[\?\] 1\. Launch .*\n[\s\S]*can't be looked at: The default VPC vpc-\w+ .*no public subnet/,
  )
  expect(stdout).toMatch(/Server {4}i-\w+ \(running\)/)
  expect(stdout).toMatch(/Database {2}flaskdb-instance \(available\)/)
  await type('cleanup', '--yes')
  const { regions } = JSON.parse(
    readFileSync(join(student().home, 'practice', 'cloud.json'), 'utf8'),
  ) as CloudState
  const [table] = regions['us-west-2']?.routeTables ?? []
  expect(table?.routes.map(({ destination }) => destination)).toEqual(['172.31.0.0/16', '0.0.0.0/0'])
  expect(existsSync(join(student().home, 'practice', 'drill'))).toBe(false)
})
