import { type Check, fail, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import { namesOf } from '../../lab/names.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'

export const serverExists: Check<Looks<'server' | 'lostServer'>> = {
  id: 'server-exists',
  title: 'The EC2 server exists',
  needs: ['region'],
  async examine({ server, lostServer, lab }) {
    const seen = await server()
    if (seen) return pass(seen.id)
    const untagged = await lostServer()
    if (untagged !== undefined) return fail(untagged)
    const name = namesOf(lab.record).server
    return fail({
      what: `There is no server of this lab in ${lab.region}.`,
      why: `No running or stopped instance carries its tags: it was never launched (phase ${phaseNumber('server')}), or somebody terminated it.`,
      remedy: {
        say: `Launch ${name}. In the console it would be under EC2, Instances; look at the region at the top right.`,
        run: [flasklab('up')],
      },
    })
  },
}
