import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { runSql } from '../host/commands.ts'

import { handout } from '../lab/lab.ts'
import type { LabRecord } from '../lab/lab-record.ts'
import type { PracticeClient } from '../practice/client.ts'
import { placesIn } from '../practice/paths.ts'
import { type Lookups, lookUp, missing } from './lookups.ts'
import { runOverSsh } from './run-over-ssh.ts'

const PATIENCE_MS = 30_000

/** Everything that a drill may lay hands on: the lab, its cloud, its server and the laptop. */
export interface DrillContext extends Lookups {
  readonly lab: LabRecord
  readonly keyFile: string
  readonly laptop: Pick<PracticeClient, 'about' | 'changeLaptop' | 'replaceKey'>
  /** The lab's tables, as SQL. */
  readonly schema: string
  /** Runs a command on the server as the student would; what it printed. */
  onServer(command: string, stdin?: string): Promise<string>
  /** Runs statements as the master user, with the client on the server. */
  sql(statements: string): Promise<void>
  /** The home folder of the server's disk, for what can't be repaired from inside. */
  homeOf(instanceId: string): string
  /** Builds what is missing of the lab, as `flasklab up` does. */
  goOn(): Promise<void>
  until(what: string, isSo: () => Promise<boolean>): Promise<void>
}

export interface DrillContextOptions {
  readonly home: string
  readonly client: PracticeClient
  readonly lab: LabRecord
  readonly keyFile: string
  readonly schema: string
  readonly goOn: () => Promise<void>
}

export function openDrillContext(options: DrillContextOptions): DrillContext {
  const { home, client, lab, keyFile, schema, goOn } = options
  const lookups = lookUp(client.service, lab)
  const { server, database } = lookups
  const onServer = async (command: string, stdin = '') => {
    const { PublicIpAddress: address = '' } = await server()
    const to = await client.reach(address, handout.sshPort)
    return runOverSsh({ ...to, privateKey: readFileSync(keyFile, 'utf8') }, command, stdin)
  }
  return {
    ...lookups,
    lab,
    keyFile,
    schema,
    laptop: client,
    onServer,
    async sql(statements) {
      const { Endpoint: { Address: host = '', Port: port = handout.databasePort } = {} } =
        (await database()) ?? missing('database')
      await onServer(runSql({ host, port }, handout.masterUser), `${lab.passwords?.master}\n${statements}\n`)
    },
    homeOf: (instanceId) => join(placesIn(home).machine(instanceId), 'home', handout.sshUser),
    goOn,
    until,
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`It took too long until ${what}.`)
    await pause(200)
  }
}

/** A step of a drill that is one command on the server. */
export function typed(command: string): (context: DrillContext) => Promise<void> {
  return async (context) => {
    await context.onServer(command)
  }
}
