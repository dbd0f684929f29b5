import type { Reachability } from '../../host/commands.ts'
import { type Check, fail, pass } from '../../lab/check.ts'
import { flasklab } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Finding } from '../../lab/finding.ts'
import type { Looks } from '../evidence.ts'

export const dbPort: Check<Looks<'databaseFromServer' | 'server' | 'database'>> = {
  id: 'db-port',
  title: 'The database greets on its port',
  needs: ['ssh-login', 'db-available', 'db-dns', 'db-ingress', 'db-egress'],
  async examine({ databaseFromServer, server, database }) {
    const found = await databaseFromServer()
    if (found === 'answers') return pass()
    const [{ id }, { endpoint }] = [await expectFound(server()), await expectFound(database())]
    return fail(noGreeting(found, id, `${endpoint?.host}:${endpoint?.port}`))
  },
}

function noGreeting(reachability: Exclude<Reachability, 'answers'>, server: string, where: string): Finding {
  const remedy = {
    say: 'Look again in a minute; then restart the database in the RDS console.',
    run: [flasklab('doctor')],
  }
  switch (reachability) {
    case 'unresolved':
      return {
        what: `From ${server} the name in ${where} was not found, although it resolves.`,
        why: 'The server remembers for a minute that a name did not exist, or its DNS answers now and then only.',
        remedy: { say: 'Look again in a minute.', run: [flasklab('doctor')] },
      }
    case 'refused':
      return {
        what: `From ${server} the connection to ${where} is refused.`,
        why: 'The packets arrive and nobody listens: the engine is restarting, or the port is another one.',
        remedy,
      }
    case 'silent':
      return {
        what: `From ${server} nothing answers at ${where}, although the rules allow it.`,
        why: 'Something that is neither a security group nor a network ACL drops the packets: a firewall on the server, or a route.',
        remedy,
      }
  }
}
