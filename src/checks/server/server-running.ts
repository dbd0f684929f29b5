import { type Check, fail, type Mend, pass } from '../../lab/check.ts'
import { aws, flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { withFullStop } from '../../lab/text.ts'
import { launchInstance } from '../../phases/1-launch-instance.ts'
import type { Looks } from '../evidence.ts'

export const serverRunning: Check<Looks<'server'>> = {
  id: 'server-running',
  title: 'The server runs',
  needs: ['server-exists'],
  async examine({ server, lab }) {
    const { id, state, stateReason } = await expectFound(server())
    if (state === 'running') return pass()
    const finding: Finding = {
      what: `The server ${id} is ${state}, not running.`,
      why: `${stateReason === '' ? '' : `${withFullStop(stateReason)} `}A server that does not run answers nobody, and loses its public address.`,
      remedy: {
        say: 'Start it (in the console: EC2, Instances, Instance state, Start).',
        run: [
          lab.isHandmade ? aws(lab.region, 'ec2', 'start-instances', { 'instance-ids': id }) : flasklab('up'),
        ],
      },
    }
    return fail(finding, lab.isHandmade ? undefined : remakeServer(`start the server ${id}`))
  },
}

function remakeServer(title: string): Mend {
  return {
    title,
    async apply(kit) {
      await launchInstance.make({ network: await kit.cloud.findNetwork() }, kit)
    },
  }
}
