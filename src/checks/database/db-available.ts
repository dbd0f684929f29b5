import { type Check, fail, type Mend, pass } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { inRegion } from '../../lab/in-region.ts'
import { createDatabase, deadEnd } from '../../phases/4-create-database.ts'
import type { Evidence } from '../evidence.ts'

const ON_ITS_WAY = [
  'creating',
  'backing-up',
  'starting',
  'rebooting',
  'modifying',
  'resetting-master-credentials',
  'configuring-enhanced-monitoring',
  'maintenance',
  'upgrading',
  'renaming',
  'stopping',
]

export const dbAvailable: Check<Evidence> = {
  id: 'db-available',
  title: 'The database is available',
  needs: ['db-exists'],
  async examine(evidence) {
    const seen = await expectFound(evidence.database())
    const { id, status } = seen
    if (status === 'available') return pass()
    const end = await deadEnd(seen, evidence.kit)
    if (end !== undefined) return fail(end)
    const finding: Finding = {
      what: `The database ${id} is "${status}", not available.`,
      why:
        status === 'stopped'
          ? 'A stopped database accepts no connections. Its storage bills all the same, and AWS starts it again by itself after 7 days.'
          : ON_ITS_WAY.includes(status)
            ? 'It accepts no connections until it is available again, which takes some minutes.'
            : ((await evidence.kit.cloud.databaseEvents(id)).at(-1) ?? 'RDS notes no event that tells why.'),
      remedy: {
        say: `${status === 'stopped' ? 'Start it' : 'Wait until it is available'} (in the console: RDS, Databases, ${id}).`,
        run:
          evidence.kit.isHandmade && status === 'stopped'
            ? [`aws rds start-db-instance --db-instance-identifier ${id}${inRegion(evidence.kit)}`]
            : ['flasklab up'],
      },
    }
    return fail(finding, evidence.kit.isHandmade ? undefined : start(evidence, id))
  },
}

function start(evidence: Evidence, id: string): Mend {
  return {
    title: `start the database ${id}, or wait for it`,
    async apply() {
      const network = await evidence.kit.cloud.findNetwork()
      await createDatabase.make({ network }, evidence.kit)
    },
  }
}
