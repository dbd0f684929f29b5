import { type Check, fail, pass } from '../../lab/check.ts'
import { handout } from '../../lab/lab.ts'
import { lost, lostTags } from '../../phases/lost-tags.ts'
import type { Evidence } from '../evidence.ts'

export const serverExists: Check<Evidence> = {
  id: 'server-exists',
  title: 'The EC2 server exists',
  needs: ['region'],
  async examine({ server, kit }) {
    const seen = await server()
    if (seen) return pass(seen.id)
    const untagged = await lost('server', kit)
    if (untagged !== undefined) return fail(lostTags(untagged, kit))
    const name = kit.record.value.names?.server ?? handout.server
    return fail({
      what: `There is no server of this lab in ${kit.cloud.region}.`,
      why: `No running or stopped instance carries its tags: it was never launched (phase 1), or somebody terminated it.`,
      remedy: {
        say: `Launch ${name}. In the console it would be under EC2, Instances; look at the region at the top right.`,
        run: ['flasklab up'],
      },
    })
  },
}
