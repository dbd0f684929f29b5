import { readFileSync, writeFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { ClientChannel } from 'ssh2'
import { flasklab } from '../lab/command.ts'
import { LabError } from '../lab/finding.ts'
import type { Io } from '../lab/io.ts'
import { handout, type Server } from '../lab/lab.ts'
import type { Connect, ConnectOptions, Host, Ran } from '../lab/ports/host.ts'
import type { Kit } from '../lab/ports/kit.ts'
import { waitFor } from '../lab/wait.ts'
import { lookAtKey, unusableKey } from './keys.ts'
import { packProject } from './tarball.ts'

type Streams = Pick<Io, 'env' | 'stdin' | 'stdout' | 'stderr'>
type Needs = Pick<Kit, 'reach' | 'clock' | 'tell' | 'record'> & { readonly io: Streams }
type Client = NonNullable<NodeSSH['connection']>

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
  const { host, port } = await kit.reach(options.server.address, handout.sshPort)
  writeKnownHosts(options, { host, port }, kit)
  let last: unknown
  const attempt = async () => {
    try {
      return await connectOnce({ host, port }, options.hostKeys, kit.record.keyFile)
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
  { host, port }: { host: string; port: number },
  hostKeys: ConnectOptions['hostKeys'],
  keyFile: string,
): Promise<NodeSSH> {
  const ssh = new NodeSSH()
  let shown: string | undefined
  try {
    await ssh.connect({
      host,
      port,
      username: handout.sshUser,
      privateKey: readKey(keyFile),
      readyTimeout: HANDSHAKE_MS,
      // Campus networks drop connections that are silent.
      keepaliveInterval: 10_000,
      ...(hostKeys === 'any' ? {} : { algorithms: { serverHostKey: keyTypes(hostKeys) as never } }),
      hostVerifier: (key: Buffer) => {
        const isPinned =
          hostKeys === 'any' || hostKeys.some((pinned) => pinned.split(' ')[1] === key.toString('base64'))
        if (!isPinned) shown = key.toString('base64')
        return isPinned
      },
    })
  } catch (error) {
    if (shown !== undefined) throw wrongHostKey(host, port)
    throw error
  }
  ssh.connection?.on('error', () => ssh.dispose())
  return ssh
}

/** One that can't be used would be tried in vain for as long as patience lasts. */
function readKey(keyFile: string): string {
  const found = lookAtKey(keyFile)
  if (found.kind !== 'key') throw unusableKey(keyFile, found)
  return readFileSync(keyFile, 'utf8')
}

/** Only the pinned keys' own types: a server may have others, which nobody has vouched for. */
function keyTypes(hostKeys: readonly string[]): string[] {
  const types = hostKeys.map((key) => key.split(' ')[0] ?? '')
  return types.flatMap((type) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]))
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
  writeFileSync(kit.record.knownHostsFile, hostKeys.map((key) => `${names} ${key}\n`).join(''), {
    mode: 0o600,
  })
}

function createHost(ssh: NodeSSH, server: Server, io: Streams): Host {
  const client = () => ssh.connection ?? lost(server)
  return {
    run: (command, { stdin, timeoutMs = COMMAND_MS } = {}) =>
      collect(client(), command, stdin, timeoutMs, server),
    async send(files, command) {
      return collect(client(), command, await packProject(files), 600_000, server)
    },
    attach: (command, options) => attach(client(), command, options.terminal, io),
    tunnel: (to, timeoutMs) => tunnel(client(), to, timeoutMs, server),
  }
}

/**
 * All listeners are in place before the first turn of the event loop ends: a quick command's exit code may come in
 * the same packet as the word that it has begun.
 */
function collect(
  client: Client,
  command: string,
  stdin: string | Buffer | undefined,
  timeoutMs: number,
  server: Server,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    client.exec(command, (failed, channel) => {
      if (failed) return reject(notTaken(failed))
      const output: Buffer[] = []
      const errors: Buffer[] = []
      let code: number | undefined
      const timer = setTimeout(() => {
        channel.close()
        reject(tooSlow(server, timeoutMs))
      }, timeoutMs)
      channel.on('data', (chunk: Buffer) => output.push(chunk))
      channel.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
      channel.on('exit', (exitCode: number | null) => {
        // Null: it was ended by a signal, which a shell would report as 128 and more.
        code = exitCode ?? 137
      })
      channel.on('error', (error: Error) => {
        clearTimeout(timer)
        reject(error)
      })
      channel.on('close', () => {
        clearTimeout(timer)
        if (code === undefined) return reject(cutOff(server))
        resolve({ code, stdout: Buffer.concat(output).toString(), stderr: Buffer.concat(errors).toString() })
      })
      channel.end(stdin)
    })
  })
}

/** The student's terminal on the server; raw, so that Ctrl-C is the remote program's. */
function attach(
  client: Client,
  command: string | undefined,
  terminal: boolean,
  { env, stdin, stdout, stderr }: Streams,
): Promise<number> {
  const pty = { term: env['TERM'] ?? 'xterm', cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 }
  return new Promise((resolve, reject) => {
    const begin = (error: Error | undefined, channel: ClientChannel) => {
      if (error) return reject(notTaken(error))
      let code = 255
      const resize = () => channel.setWindow(stdout.rows ?? 24, stdout.columns ?? 80, 0, 0)
      const isRaw = command === undefined && stdin.isTTY
      if (isRaw) stdin.setRawMode?.(true)
      stdout.once('error', (lost: NodeJS.ErrnoException) => {
        // What nobody reads any more would keep the channel open.
        channel.resume()
        channel.close()
        // A reader that has had enough, as in `| head`, ends the command.
        if (lost.code !== 'EPIPE') reject(noOutput(lost))
      })
      stdout.on('resize', resize)
      stdin.pipe(channel)
      channel.pipe(stdout, { end: false })
      channel.stderr.pipe(stderr, { end: false })
      channel.on('exit', (exitCode: number | null) => {
        code = exitCode ?? 137
      })
      channel.on('close', () => {
        stdin.unpipe(channel)
        stdin.pause()
        if (isRaw) stdin.setRawMode?.(false)
        stdout.off('resize', resize)
        resolve(code)
      })
    }
    if (command === undefined) client.shell(stdin.isTTY ? pty : false, begin)
    else client.exec(command, terminal ? { pty } : {}, begin)
  })
}

function notTaken(cause: Error): LabError {
  return new LabError(
    {
      what: `The server did not take the command (${cause.message}).`,
      why: 'Either it is longer than one SSH message may be (some 30 000 letters), or the server allows no more sessions.',
      remedy: { say: 'Send what is long on the standard input, or as a file with scp.' },
    },
    { cause },
  )
}

function noOutput(cause: Error): LabError {
  return new LabError(
    {
      what: 'What the server says could not be written to the standard output.',
      why: cause.message,
      remedy: { say: 'Look where the output goes, then run it again.' },
    },
    { cause },
  )
}

function tunnel(
  client: Client,
  to: { readonly host: string; readonly port: number },
  timeoutMs: number,
  server: Server,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      reject(noTunnel(server, to, `no answer within ${timeoutMs / 1000} s`))
    }, timeoutMs)
    client.forwardOut('127.0.0.1', 0, to.host, to.port, (error, channel) => {
      clearTimeout(timer)
      if (error) return reject(noTunnel(server, to, error.message))
      if (isLate) return channel.destroy()
      resolve(channel)
    })
  })
}

function noTunnel(
  server: Server,
  to: { readonly host: string; readonly port: number },
  why: string,
): LabError {
  return new LabError({
    what: `From ${server.id} no new connection to ${to.host}:${to.port} can be made (${why}).`,
    why: 'No answer at all means that a firewall drops the packets: compare the rules of the two security groups.',
    remedy: { say: 'Let flasklab look at the rules and repair them.', run: [flasklab('up')] },
  })
}

function unreachable(server: Server, last: unknown): LabError {
  const message = last instanceof Error ? last.message : String(last)
  if (/authentication methods failed/.test(message)) {
    return new LabError(
      {
        what: `The server ${server.id} does not accept the lab’s key for ${handout.sshUser}.`,
        why: 'For some minutes after a start a server lets nobody in. If it goes on, its key pair is another one, or its first boot failed before the key was put in place.',
        remedy: {
          say: 'Try again in three minutes; if it still refuses, let the doctor say what to do.',
          run: [flasklab('up'), flasklab('doctor')],
        },
      },
      { code: 'denied' },
    )
  }
  if (/ECONNREFUSED|ECONNRESET/.test(message)) {
    return new LabError(
      {
        what: `The server ${server.id} refuses SSH at ${server.address} (${message}).`,
        why: 'It is there, and the rules let you in, but nobody listens on port 22: as in the first minutes after a start, until sshd runs.',
        remedy: {
          say: 'Try again in three minutes; if it still refuses, restart the server in the EC2 console.',
          run: [flasklab('up')],
        },
      },
      { cause: last, code: 'no-answer' },
    )
  }
  return new LabError(
    {
      what: `The server ${server.id} does not answer SSH at ${server.address} (${message}).`,
      why: 'If it runs, something drops the packets: the rule for port 22 may be for another address than the one that AWS sees you come from (a VPN, a campus network), or your network blocks port 22.',
      remedy: {
        say: 'Run "up" again, which allows your present address; behind a VPN or a campus network let in the block of addresses that it uses, with --ssh-from.',
        run: [flasklab('up')],
      },
    },
    { cause: last, code: 'no-answer' },
  )
}

function wrongHostKey(host: string, port: number): LabError {
  return new LabError(
    {
      what: `What answers at ${host}:${port} is not the lab’s server: its SSH host key is another one.`,
      why: 'The key was read from the server’s own console when it was made. The address may belong to somebody else’s server now, or somebody stands between.',
      remedy: { say: 'Do not log in. See which address the server has now.', run: [flasklab('status')] },
    },
    { code: 'wrong-host-key' },
  )
}

function tooSlow(server: Server, timeoutMs: number): LabError {
  return new LabError({
    what: `A command on ${server.id} has not ended after ${timeoutMs / 1000} s.`,
    remedy: { say: 'It may still be running; go on where it stopped.', run: [flasklab('up')] },
  })
}

function cutOff(server: Server): LabError {
  return new LabError(
    {
      what: `The SSH connection to ${server.id} was lost.`,
      why: 'What ran on the server may still be running; the next run waits for it.',
      remedy: { say: 'Go on where it stopped.', run: [flasklab('up')] },
    },
    { code: 'no-answer' },
  )
}

function lost(server: Server): never {
  throw cutOff(server)
}
