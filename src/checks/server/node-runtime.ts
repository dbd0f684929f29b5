import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Evidence } from '../evidence.ts'
import { installPrograms } from './install-programs.ts'

export const nodeRuntime: Check<Evidence> = {
  id: 'node-runtime',
  title: 'Node.js is on the server',
  needs: ['ssh-login'],
  async examine(evidence) {
    if (evidence.kit.isHandmade) return skip('the handout’s app is in Python')
    const answer = (await evidence.around())['node']
    if (answer?.code === 0) return pass(answer.text.split('\n').join(', '))
    const { id } = await expectFound(evidence.server())
    return fail(
      {
        what: `Node.js (node-22) is not on ${id}, or does not start.`,
        why: answer?.text.trim() || 'It runs the app; phase 2 installs it.',
        remedy: { say: 'Install it again.', run: ['flasklab up'] },
      },
      installPrograms(evidence),
    )
  },
}
