import { type Check, fail, type Mend, pass } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { inRegion } from '../../lab/in-region.ts'
import { launchInstance } from '../../phases/1-launch-instance.ts'
import type { Evidence } from '../evidence.ts'

export const serverRunning: Check<Evidence> = {
  id: 'server-running',
  title: 'The server runs',
  needs: ['server-exists'],
  async examine(evidence) {
    const { id, state, stateReason } = await expectFound(evidence.server())
    if (state === 'running') return pass()
    const finding: Finding = {
      what: `The server ${id} is ${state}, not running.`,
      why: `${stateReason === '' ? '' : `${stateReason} `}A server that does not run answers nobody, and loses its public address.`,
      remedy: {
        say: 'Start it (in the console: EC2, Instances, Instance state, Start).',
        run: evidence.kit.isHandmade
          ? [`aws ec2 start-instances --instance-ids ${id}${inRegion(evidence.kit)}`]
          : ['flasklab up'],
      },
    }
    return fail(finding, remakeServer(evidence, `start the server ${id}`))
  },
}

function remakeServer(evidence: Evidence, title: string): Mend | undefined {
  if (evidence.kit.isHandmade) return undefined
  return {
    title,
    async apply() {
      const network = await evidence.kit.cloud.findNetwork()
      await launchInstance.make({ network }, evidence.kit)
    },
  }
}
