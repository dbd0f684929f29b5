import { type Check, fail, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import { namesOf } from '../../lab/names.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'

export const dbExists: Check<Looks<'database' | 'lostDatabase'>> = {
  id: 'db-exists',
  title: 'The RDS database exists',
  needs: ['region'],
  async examine({ database, lostDatabase, lab }) {
    const seen = await database()
    if (seen) return pass(seen.id)
    const untagged = await lostDatabase()
    if (untagged !== undefined) return fail(untagged)
    const name = namesOf(lab.record).database
    return fail({
      what: `There is no database of this lab in ${lab.region}.`,
      why: `None carries its tags: ${name} was never created (phase ${phaseNumber('database')}), or somebody deleted it, and with it what was stored.`,
      remedy: {
        say: 'Create it. In the console it would be under RDS, Databases; look at the region at the top right.',
        run: [flasklab('up')],
      },
    })
  },
}
