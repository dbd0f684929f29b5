import { type Check, fail, type Mend, pass, skip, warn } from '../lab/check.ts'
import { expectFound } from '../lab/expect-found.ts'
import type { Finding } from '../lab/finding.ts'
import { withFullStop } from '../lab/text.ts'
import { installDependencies } from '../phases/2-install-dependencies.ts'
import type { Evidence } from './evidence.ts'

const ROOM_NEEDED_MIB = 200

const diskSpace: Check<Evidence> = {
  id: 'disk-space',
  title: 'There is room on the server’s disk',
  needs: ['ssh-login'],
  async examine({ around, server }) {
    const answer = (await around())['disk']
    const freeMib = Math.floor(Number(answer?.text.trim().split(/\s+/)[3]) / 1024)
    if (!Number.isFinite(freeMib)) return skip('the server does not tell')
    if (freeMib >= ROOM_NEEDED_MIB) return pass(`${freeMib} MiB are free`)
    const { id } = await expectFound(server())
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

const nodeRuntime: Check<Evidence> = {
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
      install(evidence),
    )
  },
}

const mysqlClient: Check<Evidence> = {
  id: 'mysql-client',
  title: 'The MySQL client is on the server',
  needs: ['ssh-login'],
  async examine(evidence) {
    const { mysql, mysqlOptions } = await evidence.around()
    const { id } = await expectFound(evidence.server())
    if (mysql?.code === 0) {
      if (evidence.kit.isHandmade || mysqlOptions?.code === 0) return pass(mysql.text.split('\n').at(-1))
      return warn(noOptions(id, mysqlOptions?.text ?? ''))
    }
    const said = mysql?.text.trim() ?? ''
    return fail(
      {
        what:
          said === ''
            ? `The MySQL client is not on ${id} ("mysql: command not found").`
            : `The MySQL client on ${id} does not start: ${withFullStop(said)}`,
        why: 'Phase 6 makes the table with it. On Amazon Linux 2023 it is in the package mariadb105; there is no package called mysql.',
        remedy: { say: 'Install it.', run: ['flasklab ssh -- sudo dnf -y install mariadb105'] },
      },
      evidence.kit.isHandmade ? undefined : install(evidence),
    )
  },
}

function noOptions(id: string, said: string): Finding {
  return {
    what: `Plain "mysql" does not open the database on ${id}: ${said === '' ? 'there is nothing in ~/.my.cnf.' : withFullStop(said)}`,
    why: 'It finds server, user and password in ~/.my.cnf, which phase 6 writes. The app does not need it.',
    remedy: {
      say: 'Write it again; what you have put there is lost. Or correct it yourself.',
      run: ['flasklab up'],
    },
  }
}

function install(evidence: Evidence): Mend {
  return {
    title: 'install what the lab needs on the server',
    async apply() {
      const { id, address, vpcId, groupIds } = await expectFound(evidence.server())
      const server = { id, address: address ?? '', vpcId, groupIds }
      await installDependencies.make({ server } as never, evidence.kit)
    },
  }
}

export const serverChecks = [diskSpace, nodeRuntime, mysqlClient]
