import { createHash } from 'node:crypto'
import { hostKeysIn } from '../host/console-log.ts'
import { chain, flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Server } from '../lab/lab.ts'
import { TAG_HOST_KEY } from '../lab/names.ts'
import type { WithCloud } from '../lab/ports/cloud.ts'
import type { Host } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import type { Servers } from '../lab/ports/servers.ts'
import { waitFor } from '../lab/wait.ts'

/** The tools that it takes to be let in to the server. */
export type ConnectKit = Pick<Kit, 'clock' | 'connect' | 'record' | 'tell'> & WithCloud<Servers>

const CONSOLE_MS = 300_000
export const BOOT_MS = 180_000

/** Connects to the server; its host key must be the one that its console printed. */
export async function connectTo(server: Server, kit: ConnectKit, patienceMs: number): Promise<Host> {
  return kit.connect({ server, hostKeys: await pinnedKeys(server, kit), patienceMs })
}

/** The host keys known for a server, without waiting for any. */
export function knownKeys(server: Server, kit: Pick<Kit, 'record'>): readonly string[] | undefined {
  return kit.record.value.hostKeys[server.id]
}

/**
 * The console shows the keys once in a server's life, after the first boot; so they are kept in the lab's record,
 * and their fingerprints as a tag of the instance for whoever loses the record.
 */
async function pinnedKeys(
  server: Server,
  kit: Pick<Kit, 'clock' | 'record' | 'tell'> & WithCloud<Servers>,
): Promise<readonly string[]> {
  const known = knownKeys(server, kit)
  if (known !== undefined) return known
  const title = 'the SSH host key on the server’s console'
  const keys = await waitFor(
    { title, everyMs: 5_000, forMs: CONSOLE_MS },
    () => printedKeys(server, kit),
    kit,
  )
  if (keys === undefined) throw noHostKey(server)
  kit.record.save({ hostKeys: { ...kit.record.value.hostKeys, [server.id]: keys } })
  await kit.cloud.tagServer(server.id, TAG_HOST_KEY, keys.map(fingerprint).join(' ').slice(0, 256))
  kit.tell({ kind: 'step', text: `SSH host key ${keys.map(fingerprint)[0]} pinned from the console output` })
  return keys
}

export async function printedKeys(server: Server, kit: WithCloud<Servers>): Promise<string[] | undefined> {
  const keys = hostKeysIn(await kit.cloud.consoleOutput(server.id))
  return keys.length > 0 ? keys : undefined
}

/** The fingerprint of a one-line public key, as OpenSSH prints it. */
export function fingerprint(key: string): string {
  const blob = Buffer.from(key.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function noHostKey(server: Server): LabError {
  return new LabError({
    what: `The server ${server.id} has not shown its SSH host key on its console.`,
    why: 'It is printed once, at the end of the first boot; without it a stranger could pose as the server.',
    remedy: {
      say: 'If it was launched just now, go on in a minute. If it was restarted since, or its first boot failed, build it anew.',
      run: [flasklab('up'), chain(flasklab('cleanup'), flasklab('up'))],
    },
  })
}
