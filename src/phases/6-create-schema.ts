import { optionQuote } from '../formats/sql-quote.ts'
import { inspectMysqlOptions, runSql, writeMysqlOptions } from '../host/commands.ts'
import { inspectSchemaSql, schemaSql } from '../host/schema-sql.ts'
import { type Database, handout } from '../lab/lab.ts'
import type { Phase } from '../lab/phase.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { knownPasswords, passwords } from './4-create-database.ts'
import { BOOT_MS, connectTo } from './host-key.ts'
import { run } from './run.ts'

const SCHEMA = { database: handout.schema, user: handout.appUser }

export const createSchema: Phase<'schema', 'server' | 'host' | 'project' | 'database' | 'link'> = {
  id: 'create-schema',
  fact: 'schema',
  title: 'Create the database and its table',
  lesson:
    'The table users holds a name and the hash of a password for each user. The app gets a database user of its own with just the rights it needs, so that the master password stays out of it.',
  needs: ['server', 'host', 'project', 'database', 'link'],

  async find({ server, database }, kit) {
    const known = knownPasswords(kit)
    if (known === undefined) return undefined
    const host = await connectTo(server, kit, BOOT_MS)
    const stdin = `${known.app.reveal()}\n${inspectSchemaSql}`
    const looks = await Promise.all([
      host.run(runSql(database.endpoint, handout.appUser, handout.schema), { stdin }),
      host.run(inspectMysqlOptions),
    ])
    return looks.every(({ code }) => code === 0) ? SCHEMA : undefined
  },

  async make({ server, database, host: { home } }, kit) {
    const host = await connectTo(server, kit, BOOT_MS)
    const { master, app } = passwords(kit)
    const sql = schemaSql(kit.project.schema, app)
    await run(
      host,
      runSql(database.endpoint, handout.masterUser),
      'create the schema with the mysql client',
      {
        kit,
        stdin: `${master.reveal()}\n${sql}`,
        secrets: [master, app],
      },
    )
    await run(host, writeMysqlOptions, 'write ~/.my.cnf', { kit, stdin: mysqlOptions(database, home, kit) })
    return SCHEMA
  },

  describe: ({ database, user }) =>
    `table ${database}.users, user ${user}; on the server plain "mysql" opens it`,
}

/** Lets the student type plain `mysql` on the server, as the app's user. */
function mysqlOptions({ endpoint }: Database, home: string, kit: Pick<Kit, 'record'>): string {
  return [
    '[client]',
    `host=${endpoint.host}`,
    `port=${endpoint.port}`,
    'protocol=tcp',
    `user=${handout.appUser}`,
    `password=${optionQuote(passwords(kit).app.reveal())}`,
    `ssl-ca=${optionQuote(`${home}/${handout.project}/rds-ca.pem`)}`,
    'ssl-verify-server-cert',
    'default-character-set=utf8mb4',
    '[mysql]',
    `database=${handout.schema}`,
    '',
  ].join('\n')
}
