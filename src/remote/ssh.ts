import { existsSync, readFileSync } from 'node:fs'
import type { NodeSSH } from 'node-ssh'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { writeWhole } from '../formats/write-whole.ts'
import { LabError } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import { handout, type Server } from '../lab/lab.ts'
import type { Connect, ConnectOptions, Host } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { waitFor } from '../lab/wait.ts'
import { attach } from './attach.ts'
import { collect } from './collect.ts'
import { lookAtKey, unusableKey } from './keys.ts'
import { cutOff, unreachable, wrongHostKey } from './ssh-findings.ts'
import { tunnel } from './tunnel.ts'

type Streams = Pick<Io, 'env' | 'stdin' | 'stdout' | 'stderr'>
type Needs = Pick<Kit, 'reach' | 'clock' | 'tell' | 'record'> & { readonly io: Streams }

const HANDSHAKE_MS = 10_000
const COMMAND_MS = 60_000

/** Connects to servers, once each: a second call for a server answers with the connection that is open. */
export function createConnect(kit: Needs): { readonly connect: Connect; close(): void } {
  const open = new Map<string, { ssh: NodeSSH; host: Host }>()
  return {
    async connect(options) {
      const known = open.get(options.server.id)
      if (known?.ssh.isConnected()) return known.host
      const ssh = await connectPatiently(options, kit)
      const host = createHost(ssh, options.server, kit.io)
      open.set(options.server.id, { ssh, host })
      return host
    },
    close() {
      for (const { ssh } of open.values()) ssh.dispose()
    },
  }
}

/** A server that boots refuses first, then may not accept the key yet: both are tried again while patience lasts. */
async function connectPatiently(options: ConnectOptions, kit: Needs): Promise<NodeSSH> {
  // Loaded when it is used, as many commands are at work on AWS alone.
  const [{ NodeSSH: Client }, { host, port }] = await Promise.all([
    import('node-ssh'),
    kit.reach(options.server.address, handout.sshPort),
  ])
  writeKnownHosts(options, { host, port }, kit)
  let last: unknown
  const attempt = async () => {
    try {
      return await connectOnce(new Client(), { host, port }, options.hostKeys, kit.record.keyFile)
    } catch (error) {
      if (error instanceof LabError) throw error
      last = error
      return undefined
    }
  }
  const title = `an answer of ${options.server.id} on port 22`
  const ssh = await waitFor({ title, everyMs: 2_000, forMs: options.patienceMs }, attempt, kit)
  if (ssh) return ssh
  throw unreachable(options.server, last)
}

async function connectOnce(
  ssh: NodeSSH,
  { host, port }: { host: string; port: number },
  hostKeys: ConnectOptions['hostKeys'],
  keyFile: string,
): Promise<NodeSSH> {
  let shown: string | undefined
  try {
    const connecting = ssh.connect({
      host,
      port,
      username: handout.sshUser,
      privateKey: readKey(keyFile),
      readyTimeout: HANDSHAKE_MS,
      // Campus networks drop connections that are silent.
      keepaliveInterval: 10_000,
      ...(hostKeys === 'any' ? {} : { algorithms: { serverHostKey: keyTypes(hostKeys) } }),
      hostVerifier: (key: Buffer) => {
        const isPinned =
          hostKeys === 'any' || hostKeys.some((pinned) => pinned.split(' ')[1] === key.toString('base64'))
        if (!isPinned) shown = key.toString('base64')
        return isPinned
      },
    })
    // As OpenSSH does: small packets would wait for each other's acknowledgement, 40 ms each.
    ssh.connection?.setNoDelay(true)
    await connecting
  } catch (error) {
    if (shown !== undefined) throw wrongHostKey(host, port)
    throw error
  }
  ssh.connection?.on('error', () => ssh.dispose())
  return ssh
}

/** Throws at once: an unusable key would be tried in vain for as long as patience lasts. */
function readKey(keyFile: string): string {
  const found = lookAtKey(keyFile)
  if (found.kind !== 'key') throw unusableKey(keyFile, found)
  return readFileSync(keyFile, 'utf8')
}

const KEY_TYPES: Readonly<Record<string, ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** Only the pinned keys' own types: a server may have others, which nobody has vouched for. */
function keyTypes(hostKeys: readonly string[]): ServerHostKeyAlgorithm[] {
  return hostKeys.flatMap((key) => KEY_TYPES[key.split(' ')[0] ?? ''] ?? [])
}

/** For OpenSSH, whose commands we print: the pinned keys under the server's id, whatever its address is today. */
function writeKnownHosts(
  { server, hostKeys }: ConnectOptions,
  dialled: { host: string; port: number },
  kit: Needs,
): void {
  // A lab without a record has no folder for them.
  if (hostKeys === 'any' || !kit.record.isSaved) return
  const names = `${server.id},${server.address},[${dialled.host}]:${dialled.port}`
  const text = hostKeys.map((key) => `${names} ${key}\n`).join('')
  const { knownHostsFile } = kit.record
  // A look at a lab whose folder can't be written to needs no change.
  const isThere = existsSync(knownHostsFile) && readFileSync(knownHostsFile, 'utf8') === text
  if (!isThere) writeWhole(knownHostsFile, text)
}

function createHost(ssh: NodeSSH, server: Server, io: Streams): Host {
  const client = () => {
    if (ssh.connection === null) throw cutOff(server)
    return ssh.connection
  }
  return {
    run: (command, { stdin, timeoutMs = COMMAND_MS } = {}) =>
      collect(client(), command, stdin, timeoutMs, server),
    async send(files, command) {
      // Loaded when it is used: most commands send nothing.
      const { packProject } = await import('./tarball.ts')
      return collect(client(), command, await packProject(files), 600_000, server)
    },
    attach: (command, options) => attach(client(), command, options.terminal, io),
    async tunnel(to, timeoutMs) {
      if (!ssh.isConnected()) throw cutOff(server)
      return tunnel(ssh, to, timeoutMs, server)
    },
  }
}
