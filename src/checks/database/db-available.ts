import { type Check, fail, type Mend, pass } from '../../lab/check.ts'
import { aws, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { createDatabase } from '../../phases/4-create-database.ts'
import type { Looks } from '../evidence.ts'

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

export const dbAvailable: Check<Looks<'database' | 'deadEnd' | 'databaseEvents'>> = {
  id: 'db-available',
  title: 'The database is available',
  needs: ['db-exists'],
  async examine({ database, deadEnd, databaseEvents, lab }) {
    const { id, status } = await expectFound(database())
    if (status === 'available') return pass()
    const end = await deadEnd()
    if (end !== undefined) return fail(end)
    const finding: Finding = {
      what: `The database ${id} is "${status}", not available.`,
      why:
        status === 'stopped'
          ? 'A stopped database accepts no connections. Its storage bills all the same, and AWS starts it again by itself after 7 days.'
          : ON_ITS_WAY.includes(status)
            ? 'It accepts no connections until it is available again, which takes some minutes.'
            : ((await databaseEvents()).at(-1) ?? 'RDS notes no event that tells why.'),
      remedy: {
        say: `${status === 'stopped' ? 'Start it' : 'Wait until it is available'} (in the console: RDS, Databases, ${id}).`,
        run: [
          lab.isHandmade && status === 'stopped'
            ? aws(lab.region, 'rds', 'start-db-instance', { 'db-instance-identifier': id })
            : flasklab('up'),
        ],
      },
    }
    return fail(finding, lab.isHandmade ? undefined : start(id))
  },
}

function start(id: string): Mend {
  return {
    title: `start the database ${id}, or wait for it`,
    async apply(kit) {
      await createDatabase.make({ network: await kit.cloud.findNetwork() }, kit)
    },
  }
}
