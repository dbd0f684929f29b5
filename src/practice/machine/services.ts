import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Disk } from './disk.ts'
import { openJournal } from './journal.ts'
import { fail, type Reply } from './reply.ts'
import { createSupervisor } from './supervisor.ts'
import { systemctlVerbs } from './systemctl-verbs.ts'
import { openUnits } from './unit-folder.ts'

/** The stand-in for systemd on one practice instance. */
export interface Services {
  /** Starts what is enabled, as at the end of a boot. */
  boot(): Promise<void>
  run(words: readonly string[]): Promise<Reply>
  /** Stops every service and no longer listens to `systemctl`. */
  shutDown(): Promise<void>
}

export function createServices(disk: Disk): Services {
  const [units, journal] = [openUnits(disk), openJournal(disk)]
  const supervisor = createSupervisor({ disk, units, journal })
  const verbs = systemctlVerbs({ units, supervisor, journal })
  let server: Server | undefined

  async function run(words: readonly string[]): Promise<Reply> {
    const [verb = '', ...names] = words.filter((each) => !each.startsWith('-'))
    const action = verbs[verb]
    if (action === undefined) return fail(`Unknown command verb '${verb}' (on the practice server).\n`)
    return action(names, words)
  }

  return {
    async boot() {
      const path = join(disk.sockets, 'systemd.sock')
      rmSync(path, { force: true })
      server = await answerOn(path, run)
      for (const name of units.enabled()) await supervisor.start(name)
    },
    run,
    async shutDown() {
      server?.close()
      await supervisor.stopAll()
    },
  }
}

/** Hands the words that `systemctl` sends to whoever runs them. */
function answerOn(path: string, run: Services['run']): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    void heard(socket)
      .then((words) => run(JSON.parse(words) as string[]))
      .catch((error: Error) => fail(`Failed: ${error.message}\n`))
      .then((reply) => socket.end(JSON.stringify(reply)))
  })
  return new Promise((resolve) => server.listen(path, () => resolve(server)))
}

/** Reads until the far end waits for the answer; `text()` would close the way back as well. */
function heard(socket: Socket): Promise<string> {
  let words = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    words += chunk
  })
  return new Promise((resolve) => socket.once('end', () => resolve(words)))
}
