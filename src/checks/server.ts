import { type Check, fail, type Mend, pass, skip } from '../lab/check.ts'
import type { Finding } from '../lab/finding.ts'
import type { Kit } from '../lab/ports.ts'
import { installDependencies } from '../phases/2-install-dependencies.ts'
import { anotherServer } from './another-server.ts'
import type { Sight } from './sight.ts'
import { there } from './there.ts'

const ROOM_NEEDED_MIB = 200

const hostKey: Check<Sight> = {
  id: 'host-key',
  title: 'The server shows the pinned host key',
  needs: ['ssh-ingress', 'key-file', 'server-running'],
  async examine({ login, server, kit }) {
    const { how, error } = { error: undefined, ...(await login()) }
    const { id } = await there(server())
    if (how === 'wrong-host-key' && error) return fail(wrongHostKey(error.finding, id, kit))
    if (how !== 'unknown-host-key') return pass()
    return fail({
      what: `The SSH host key of ${id} is not known: the lab has none noted, and its console shows none.`,
      why: 'It is printed once, at the end of the first boot, and again never; without it a stranger could pose as the server.',
      remedy: {
        say: 'If it was launched just now, go on in a minute; if not, build it anew.',
        run: ['flasklab up'],
      },
    })
  },
}

function wrongHostKey({ what, why = '' }: Finding, id: string, kit: Kit): Finding {
  return {
    what,
    why: `${why} Or the host keys of ${id} were made anew on it, which nobody can vouch for from here.`,
    remedy: anotherServer(id, kit, 'Do not log in. '),
  }
}

const sshLogin: Check<Sight> = {
  id: 'ssh-login',
  title: 'The key opens the server',
  needs: ['ssh-ingress', 'key-file', 'server-running', 'host-key'],
  async examine({ login, server, kit }) {
    const entry = await login()
    if (entry.how === 'in') return pass()
    if (entry.how === 'denied' && entry.error) {
      const { id } = await there(server())
      return fail({
        what: entry.error.finding.what,
        why: 'Its key pair is another one, or ~/.ssh/authorized_keys was changed on it, or its first boot failed before the key was put in place.',
        remedy: anotherServer(id, kit),
      })
    }
    return fail(
      entry.error?.finding ?? {
        what: 'The server can’t be logged in to.',
        remedy: { say: 'Go through the phases.', run: ['flasklab up'] },
      },
    )
  },
}

const diskSpace: Check<Sight> = {
  id: 'disk-space',
  title: 'There is room on the server’s disk',
  needs: ['ssh-login'],
  async examine({ around, server }) {
    const answer = (await around())['disk']
    const freeMib = Math.floor(Number(answer?.text.trim().split(/\s+/)[3]) / 1024)
    if (!Number.isFinite(freeMib)) return skip('the server does not tell')
    if (freeMib >= ROOM_NEEDED_MIB) return pass(`${freeMib} MiB are free`)
    const { id } = await there(server())
    const large = largeFiles((await around())['large']?.text ?? '')
    const heap = large.find((path) => MADE_AGAIN.test(path))
    return fail({
      what: `The disk of ${id} is full: ${freeMib} MiB are free.`,
      why: `The app can’t be installed or write its log, and MySQL’s client can’t sort.${large.length === 0 ? '' : ` The largest files in its home folder: ${large.join(', ')}.`}`,
      remedy:
        heap === undefined
          ? {
              say: 'See what fills it, and delete what you put there.',
              run: ['flasklab ssh -- "du -xh ~ | sort -h | tail -n 20"'],
            }
          : {
              say: `Delete ~/${heap}, if you need nothing of what is in it.`,
              run: [`flasklab ssh -- rm ${heap}`],
            },
    })
  },
}

/** What a program writes by the way. Anything else may be somebody's work: no command here deletes that. */
const MADE_AGAIN = /(?:^|\/)(?:nohup\.out|core(?:\.\d+)?|[\w-]+\.log)$/

/** Their paths from the home folder on, the largest first; strange ones, which a shell would misread, are left out. */
function largeFiles(answer: string): readonly string[] {
  return answer
    .split('\n')
    .map((line) => line.replace(/^\d+ /, ''))
    .filter((path) => /^[\w.][\w./-]*$/.test(path))
}

const nodeRuntime: Check<Sight> = {
  id: 'node-runtime',
  title: 'Node.js is on the server',
  needs: ['ssh-login'],
  async examine(sight) {
    if (sight.kit.isHandmade) return skip('the handout’s app is in Python')
    const answer = (await sight.around())['node']
    if (answer?.code === 0) return pass(answer.text.split('\n').join(', '))
    const { id } = await there(sight.server())
    return fail(
      {
        what: `Node.js (node-22) is not on ${id}, or does not start.`,
        why: answer?.text.trim() || 'It runs the app; phase 2 installs it.',
        remedy: { say: 'Install it again.', run: ['flasklab up'] },
      },
      install(sight),
    )
  },
}

const mysqlClient: Check<Sight> = {
  id: 'mysql-client',
  title: 'The MySQL client is on the server',
  needs: ['ssh-login'],
  async examine(sight) {
    const answer = (await sight.around())['mysql']
    if (answer?.code === 0) return pass(answer.text.split('\n').at(-1))
    const { id } = await there(sight.server())
    return fail(
      {
        what: `The MySQL client is not on ${id} ("mysql: command not found").`,
        why: 'Phase 6 makes the table with it. On Amazon Linux 2023 it is in the package mariadb105; there is no package called mysql.',
        remedy: { say: 'Install it.', run: ['flasklab ssh -- sudo dnf -y install mariadb105'] },
      },
      sight.kit.isHandmade ? undefined : install(sight),
    )
  },
}

function install(sight: Sight): Mend {
  return {
    title: 'install what the lab needs on the server',
    async apply() {
      const { id, address, vpcId, groupIds } = await there(sight.server())
      const server = { id, address: address ?? '', vpcId, groupIds }
      await installDependencies.make({ server } as never, sight.kit)
    },
  }
}

export const serverChecks = [hostKey, sshLogin, diskSpace, nodeRuntime, mysqlClient]
