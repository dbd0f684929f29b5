import { type Check, fail, pass, warn } from '../../lab/check.ts'
import { flasklab, onServer } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import { withFullStop } from '../../lab/text.ts'
import { phaseNumber } from '../../phases/in-order.ts'
import type { Looks } from '../evidence.ts'
import { installPrograms } from './install-programs.ts'

export const mysqlClient: Check<Looks<'survey' | 'server'>> = {
  id: 'mysql-client',
  title: 'The MySQL client is on the server',
  needs: ['ssh-login'],
  async examine({ survey, server, lab }) {
    const { mysql, mysqlOptions } = await survey()
    const { id } = await expectFound(server())
    const { said } = mysql
    if (mysql.works) {
      if (lab.isHandmade || mysqlOptions.works) return pass(said.split('\n').at(-1))
      return warn(noOptions(id, mysqlOptions.said))
    }
    return fail(
      {
        what:
          said === ''
            ? `The MySQL client is not on ${id} ("mysql: command not found").`
            : `The MySQL client on ${id} does not start: ${withFullStop(said)}`,
        why: `Phase ${phaseNumber('schema')} makes the table with it. On Amazon Linux 2023 it is in the package mariadb105; there is no package called mysql.`,
        remedy: { say: 'Install it.', run: [onServer('sudo dnf -y install mariadb105')] },
      },
      lab.isHandmade ? undefined : installPrograms(server),
    )
  },
}

function noOptions(id: string, said: string): Finding {
  return {
    what: `Plain "mysql" does not open the database on ${id}: ${said === '' ? 'there is nothing in ~/.my.cnf.' : withFullStop(said)}`,
    why: `It finds server, user and password in ~/.my.cnf, which phase ${phaseNumber('schema')} writes. The app does not need it.`,
    remedy: {
      say: 'Write it again; what you have put there is lost. Or correct it yourself.',
      run: [flasklab('up')],
    },
  }
}
