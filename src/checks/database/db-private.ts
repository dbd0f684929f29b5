import { type Check, fail, pass } from '../../lab/check.ts'
import { aws } from '../../lab/command.ts'
import { expectFound } from '../../lab/expect-found.ts'
import type { Looks } from '../evidence.ts'

export const dbPrivate: Check<Looks<'database'>> = {
  id: 'db-private',
  title: 'The database is not open to the internet',
  // A database can be modified only while it is available.
  needs: ['db-available'],
  async examine({ database, lab }) {
    const { id, isPublic } = await expectFound(database())
    if (!isPublic) return pass()
    return fail(
      {
        what: `The database ${id} is publicly accessible.`,
        why: 'It has an address on the internet, where only its security group and its password stand between it and everybody. The server reaches it without.',
        remedy: {
          say: 'Make it private (in the console: RDS, Modify, Connectivity, Not publicly accessible).',
          run: [
            aws(lab.region, 'rds', 'modify-db-instance', {
              'db-instance-identifier': id,
              'no-publicly-accessible': true,
              'apply-immediately': true,
            }),
          ],
        },
      },
      { title: `make ${id} private`, apply: ({ cloud }) => cloud.setPublicAccess(id, false) },
    )
  },
}
