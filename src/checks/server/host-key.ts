import { type Check, fail, pass, skip } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { ExaminedLab, Looks } from '../evidence.ts'
import { replaceServerRemedy } from './replace-server-remedy.ts'

export const hostKey: Check<Looks<'login' | 'server'>> = {
  id: 'host-key',
  title: 'The server shows the pinned host key',
  needs: ['ssh-ingress', 'key-file', 'server-running'],
  async examine({ login, server, lab }) {
    const { how, finding } = { finding: undefined, ...(await login()) }
    const { id } = await expectFound(server())
    if (how === 'wrong-host-key' && finding) return fail(wrongHostKey(finding, id, lab))
    if (how === 'no-answer') return skip('SSH does not answer, so it shows none')
    if (how !== 'unknown-host-key') return pass()
    return fail({
      what: `The SSH host key of ${id} is not known: the lab has none noted, and its console shows none.`,
      why: 'It is printed once, at the end of the first boot, and again never; without it a stranger could pose as the server.',
      remedy: {
        say: 'If it was launched just now, go on in a minute; if not, build it anew.',
        run: [flasklab('up')],
      },
    })
  },
}

function wrongHostKey({ what, why = '' }: Finding, id: string, lab: ExaminedLab): Finding {
  return {
    what,
    why: `${why} Or the host keys of ${id} were made anew on it, which nobody can vouch for from here.`,
    remedy: replaceServerRemedy(id, lab, 'Do not log in. '),
  }
}
