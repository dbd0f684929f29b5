import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'
import { installPrograms } from './install-programs.ts'

export const nodeRuntime: Check<Looks<'survey' | 'server'>> = {
  id: 'node-runtime',
  title: 'Node.js is on the server',
  needs: ['ssh-login'],
  async examine({ survey, server, lab }) {
    if (lab.isHandmade) return skip('the handout’s app is in Python')
    const { node } = await survey()
    if (node.works) return pass(node.said.split('\n').join(', '))
    const { id } = await expectFound(server())
    return fail(
      {
        what: `Node.js (node-22) is not on ${id}, or does not start.`,
        why: node.said || `It runs the app; phase ${phaseNumber('host')} installs it.`,
        remedy: { say: 'Install it again.', run: [flasklab('up')] },
      },
      installPrograms(server),
    )
  },
}
