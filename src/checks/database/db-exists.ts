import { type Check, fail, pass } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import { lost, lostTags } from '../../phases/lost-tags.ts'
import type { Evidence } from '../evidence.ts'

export const dbExists: Check<Evidence> = {
  id: 'db-exists',
  title: 'The RDS database exists',
  needs: ['region'],
  async examine({ database, kit }) {
    const seen = await database()
    if (seen) return pass(seen.id)
    const untagged = await lost('database', kit)
    if (untagged !== undefined) return fail(lostTags(untagged, kit))
    const name = kit.record.value.names?.database ?? handout.database
    return fail({
      what: `There is no database of this lab in ${kit.cloud.region}.`,
      why: `None carries its tags: ${name} was never created (phase 4), or somebody deleted it, and with it what was stored.`,
      remedy: {
        say: 'Create it. In the console it would be under RDS, Databases; look at the region at the top right.',
        run: ['flasklab up'],
      },
    })
  },
}
